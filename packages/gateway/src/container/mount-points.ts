import { readFileSync } from "node:fs";
import { hasCode } from "../base/error-code.ts";

/** The mount points that this process sees; empty if the kernel does not list them. */
export function mountPoints(file = "/proc/self/mountinfo"): ReadonlySet<string> {
  try {
    return parseMountPoints(readFileSync(file, "utf8"));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return new Set();
    throw error;
  }
}

/** The fifth field of each line of proc_pid_mountinfo(5), which has space, tab, newline and backslash in octal. */
export function parseMountPoints(text: string): ReadonlySet<string> {
  const points = text.split("\n").map((line) => line.split(" ")[4]);
  return new Set(points.filter((point) => point !== undefined).map(unescapeOctal));
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
