const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Until then an hour more or less matters. */
const withMinutes = 12 * hour;

/** In words, rounded down: a promise of more than there is would be a lie. Milliseconds; null: no end. */
export function timeLeftWords(left: number | null): string {
  if (left === null) return "no end";
  if (left <= 0) return "ending now";
  if (left < minute) return "less than a minute left";
  if (left < 2 * hour) return `${count(Math.floor(left / minute), "minute")} left`;
  if (left < withMinutes) return `${count(Math.floor(left / hour), "hour")}${minutesAfter(left)} left`;
  if (left < 2 * day) return `${count(Math.floor(left / hour), "hour")} left`;
  return `${count(Math.floor(left / day), "day")} left`;
}

/** Until the words are others. Milliseconds. */
export function untilNextWords(left: number): number {
  const unit = left < withMinutes ? minute : left < 2 * day ? hour : day;
  return Math.min(Math.max((left % unit) + 1, 1000), hour);
}

/** How near the end is; 0: not near. Each step is told to whoever does not look at the bar. Milliseconds; null: no end. */
export function urgency(left: number | null): 0 | 1 | 2 {
  if (left === null || left >= 5 * minute) return 0;
  return left >= minute ? 1 : 2;
}

function minutesAfter(left: number): string {
  const minutes = Math.floor((left % hour) / minute);
  return minutes === 0 ? "" : ` ${count(minutes, "minute")}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
