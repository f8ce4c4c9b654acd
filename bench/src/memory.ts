import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { descendantsOf, unlessEnded } from "./process.ts";

const megabyte = 1_000_000;

/** One field of /proc/<pid>/status or smaps_rollup, in megabytes (10^6 bytes; the kernel says kB and means 1,024). */
function field(file: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(file, "utf8"));
  if (match?.[1] === undefined) throw new Error(`${file} has no ${name}`);
  return (Number(match[1]) * 1024) / megabyte;
}

/** Resident memory of one process, in megabytes. */
export function residentMegabytes(pid: number): number {
  return field(`/proc/${pid}/status`, "VmRSS");
}

/** Proportional share of memory (shared pages divided by their users), in megabytes. */
export function proportionalMegabytes(pid: number): number {
  return field(`/proc/${pid}/smaps_rollup`, "Pss");
}

/** The same of a process and everything that it started, in megabytes. */
export function treeMegabytes(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce(
    (sum, one) => sum + (unlessEnded(() => proportionalMegabytes(one)) ?? 0),
    0,
  );
}

/** Forgets the highest resident memory seen so far (proc(5): writing 5 to clear_refs). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Highest resident memory since the last reset, in megabytes. */
export function peakMegabytes(pid: number): number {
  return field(`/proc/${pid}/status`, "VmHWM");
}

/**
 * Waits until resident memory has stayed within 1 % for three seconds, at most `limit` milliseconds: start-up is then
 * over, whatever a program does in it.
 */
export async function settledMegabytes(pid: number, limit = 20_000): Promise<number> {
  const end = performance.now() + limit;
  const readings: number[] = [];
  for (;;) {
    readings.push(residentMegabytes(pid));
    const last = readings.slice(-7);
    const highest = Math.max(...last);
    if (last.length === 7 && highest - Math.min(...last) < highest * 0.01) return residentMegabytes(pid);
    if (performance.now() > end) return residentMegabytes(pid);
    await delay(500);
  }
}
