/** Milliseconds. */
const shortest = 500;
const longest = 15_000;

/** How long to wait before the next attempt: doubles each time, with jitter. Milliseconds. */
export function backOff(attempt: number, random: () => number = Math.random): number {
  const max = Math.min(longest, shortest * 2 ** attempt);
  return max / 2 + (random() * max) / 2;
}
