/** A file relative to the share's root; undefined: it lies outside. */
export function pathBelow(root: string, path: string): string | undefined {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
}

/** Names a client, a request, and a page that nobody guesses. `crypto.randomUUID` is there on HTTPS only. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
