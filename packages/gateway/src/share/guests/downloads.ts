import type { IncomingMessage, ServerResponse } from "node:http";
import { basename } from "node:path";
import { parseGuestPath } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { asDeclared } from "../../http/content-type.ts";
import { answerFile, requestedRange } from "../../http/file-answer.ts";
import { FileError } from "../../workspace/file-error.ts";
import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";
import type { OpenedFile } from "../../workspace/tree/opened-file.ts";

/** RULES R18: a guest's file is never a page of our origin, whatever is in it. */
const headers = {
  "Content-Type": "application/octet-stream",
  "Content-Security-Policy": "sandbox; default-src 'none'",
  ...asDeclared,
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "private, no-store",
  "Accept-Ranges": "bytes",
} as const;

/**
 * Answers `GET files/<path>` with the file's bytes, or one range of them (RFC 9110 §14).
 * @param path as sent, percent-encoded, behind `files/`
 * @throws GatewayError SHARE_FILE
 */
export async function answerDownload(
  request: IncomingMessage,
  response: ServerResponse,
  files: GuestWorkspace,
  path: string,
): Promise<void> {
  const decoded = decodedPath(path);
  const file = await openFile(files, decoded);
  try {
    const etag = file.version === undefined ? undefined : `"${file.version}"`;
    const content = { size: file.size, read: (start: number, end: number) => file.stream(start, end) };
    await answerFile(request, response, {
      headers: {
        ...headers,
        "Content-Disposition": `attachment; filename*=UTF-8''${encodedName(basename(decoded))}`,
        "Last-Modified": new Date(file.modified).toUTCString(),
      },
      content,
      etag,
      range: requestedRange(request, file.size, etag),
    });
  } finally {
    await file.close();
  }
}

async function openFile(files: GuestWorkspace, path: string): Promise<OpenedFile> {
  try {
    return await files.open(path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new GatewayError(error.code === "NOT_FOUND" ? "SHARE_FILE_MISSING" : "SHARE_FILE_REFUSED", {
      reason: error.message.replace(/\.$/, ""),
    });
  }
}

/** Each segment is decoded on its own: an encoded slash is part of a name, and no file has such a name. */
function decodedPath(path: string): string {
  try {
    const segments = path.split("/").map(decodeURIComponent);
    const decoded = segments.join("/");
    if (!segments.some((segment) => segment.includes("/")) && parseGuestPath(decoded) !== undefined) return decoded;
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
  }
  throw new GatewayError("SHARE_FILE_MISSING");
}

/** RFC 8187 §3.2.1. */
function encodedName(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
