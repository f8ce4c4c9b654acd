const minute = 60_000;

/** How near the end is; 0: not near. Guests who do not watch the bar are notified at each step. Milliseconds; null: no end. */
export function urgency(left: number | null): 0 | 1 | 2 {
  if (left === null || left >= 5 * minute) return 0;
  return left >= minute ? 1 : 2;
}
