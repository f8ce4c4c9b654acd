const units = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** A number of bytes in words, with decimal units as in settings and file managers: `100_000_000` → “100 MB”. */
export function sizeInWords(bytes: number): string {
  let unit = 0;
  let size = bytes;
  // 999,950 bytes are 1 MB already, not 1000 kB.
  while (unit < units.length - 1 && Number(size.toFixed(1)) >= 1_000) {
    size /= 1_000;
    unit += 1;
  }
  if (unit === 0 && bytes === 1) return "1 byte";
  return `${unit === 0 ? size : Number(size.toFixed(1))} ${units[unit]}`;
}
