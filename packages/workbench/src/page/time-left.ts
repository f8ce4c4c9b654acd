const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** In words, rounded down: a promise of more than there is would be a lie. Milliseconds; null: no end. */
export function timeLeftWords(left: number | null): string {
  if (left === null) return "no end";
  if (left <= 0) return "ending now";
  if (left < minute) return "less than a minute left";
  if (left < 2 * hour) return `${count(Math.floor(left / minute), "minute")} left`;
  if (left < 2 * day) return `${count(Math.floor(left / hour), "hour")} left`;
  return `${count(Math.floor(left / day), "day")} left`;
}

/** Until the words are others. Milliseconds. */
export function untilNextWords(left: number): number {
  const unit = left < 2 * hour ? minute : left < 2 * day ? hour : day;
  return Math.min(Math.max((left % unit) + 1, 1000), hour);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
