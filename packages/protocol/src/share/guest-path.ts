/** Linux's NAME_MAX and PATH_MAX. Bytes. */
const maxNameLength = 255;
const maxPathLength = 4096;

/**
 * A path as guests name it: relative to the share's root, segments joined by `/`, not encoded; the root itself is empty.
 * A path that could mean another place, or two places, is refused by its form, before any file is touched (RULES R9).
 * @returns the segments, or undefined if it is not such a path
 */
export function parseGuestPath(path: string): string[] | undefined {
  if (path === "") return [];
  if (path.includes("\0") || !path.isWellFormed() || utf8Length(path) > maxPathLength) return undefined;
  const segments = path.split("/");
  const isName = (segment: string) =>
    segment !== "" && segment !== "." && segment !== ".." && utf8Length(segment) <= maxNameLength;
  return segments.every(isName) ? segments : undefined;
}

/** Whether `path` is `folder` or lies below it. Both as `parseGuestPath` takes them; the root holds everything. */
export function isBelow(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

/** Pure code has no TextEncoder to rely on: the bytes of a well-formed string in UTF-8 (RFC 3629). */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
