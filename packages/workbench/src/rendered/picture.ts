const types: Readonly<Record<string, string>> = {
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  ico: "image/x-icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  svg: "image/svg+xml",
  webp: "image/webp",
};

export const pictureEndings: readonly string[] = Object.keys(types);

/** Media type for the browser; in an `<img>` nothing runs, whatever the file is. */
export function pictureType(path: string): string {
  return types[path.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream";
}
