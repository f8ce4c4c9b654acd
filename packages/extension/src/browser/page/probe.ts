import type { IdePageState } from "@waiide/protocol";

/** What answers at the server's URL now. */
export type ProbeAnswer =
  | ({ readonly kind: "server" } & IdePageState)
  | { readonly kind: "unreachable" }
  /** The hub answers instead of the server, or the server says that it is stopping. */
  | { readonly kind: "ended" }
  | { readonly kind: "login" };

/** A connection without an answer for this time counts as lost. Milliseconds. */
const maxWait = 3_000;

/** @param address URL of `waiide-state` */
export async function probe(address: string): Promise<ProbeAnswer> {
  let response: Response;
  try {
    // A hub redirects requests to a server that does not run, to a page that cannot be read from here.
    response = await fetch(`${address}?no_track_activity=1`, {
      cache: "no-store",
      redirect: "manual",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(maxWait),
    });
    return await answerOf(response);
  } catch {
    return { kind: "unreachable" };
  }
}

async function answerOf(response: Response): Promise<ProbeAnswer> {
  // JupyterHub answers 424 (before version 3: 503, with its page) for a server that does not run.
  if (response.type === "opaqueredirect" || response.status === 424) return { kind: "ended" };
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  if (!isJson) return { kind: "unreachable" };
  if (response.status === 401 || response.status === 403) return { kind: "login" };
  const body = (await response.json()) as IdePageState & { readonly error?: { readonly code?: string } };
  if (body.error?.code === "ENDED_UNUSED") return { kind: "ended" };
  return response.ok ? { kind: "server", run: body.run, state: body.state } : { kind: "unreachable" };
}
