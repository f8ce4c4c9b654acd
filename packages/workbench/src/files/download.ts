import type { ErrorBody } from "@waiide/protocol";
import { SessionError } from "../session/session-error.ts";

/** Address of a file's bytes, for files that are too large for the session. */
export function downloadAddress(base: string, path: string): string {
  return `${base}files/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** @throws SessionError */
export async function download(base: string, path: string): Promise<Uint8Array> {
  const response = await fetch(downloadAddress(base, path), { cache: "no-store" });
  if (response.status === 404) throw new SessionError("NOT_FOUND", "There is no such file.");
  if (!response.ok) throw new SessionError("DENIED", await reasonOf(response));
  return new Uint8Array(await response.arrayBuffer());
}

/** The gateway's own words; a proxy in between may answer with anything. */
async function reasonOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const message = (body as Partial<ErrorBody> | undefined)?.error?.message;
  return message ?? `The file could not be fetched (HTTP ${response.status}).`;
}
