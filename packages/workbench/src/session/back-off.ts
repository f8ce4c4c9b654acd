/** Milliseconds. */
const shortest = 500;
const longest = 15_000;

/** How long to wait before trying again: doubling, and never exactly when everybody else does. Milliseconds. */
export function backOff(attempt: number, random: () => number = Math.random): number {
  const most = Math.min(longest, shortest * 2 ** attempt);
  return most / 2 + (random() * most) / 2;
}
