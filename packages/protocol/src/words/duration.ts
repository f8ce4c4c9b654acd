import { counted } from "./counted.ts";

/** Milliseconds. */
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export type DurationUnit = "day" | "hour" | "minute" | "second";

/** “3 hours” in parts, for translation. */
export interface DurationPart {
  readonly count: number;
  readonly unit: DurationUnit;
}

const units = [
  ["day", day],
  ["hour", hour],
  ["minute", minute],
  ["second", second],
] as const;

/**
 * A duration that a person set, such as a limit: exact, in the largest unit that divides it. Weeks and months are not used:
 * “30 days” is clearer than “5 weeks”. A single day is 24 hours.
 * @param length milliseconds
 */
export function setDuration(length: number): DurationPart {
  const [unit, size] = units.find(([, one]) => length >= (one === day ? 2 * day : one) && length % one === 0) ?? [
    "second",
    second,
  ];
  return { count: length / size, unit };
}

/** @param length milliseconds */
export function setDurationWords(length: number): string {
  const { count, unit } = setDuration(length);
  return counted(count, unit);
}

/**
 * The time that is left, by one rule for all surfaces: rounded down, never promising more than there is; to the minute below
 * a day, to the hour below two days, then to the day. Empty: less than a minute.
 * @param left milliseconds, above 0
 */
export function timeLeft(left: number): readonly DurationPart[] {
  if (left >= 2 * day) return [{ count: Math.floor(left / day), unit: "day" }];
  if (left >= day) return [{ count: Math.floor(left / hour), unit: "hour" }];
  const parts: readonly DurationPart[] = [
    { count: Math.floor(left / hour), unit: "hour" },
    { count: Math.floor((left % hour) / minute), unit: "minute" },
  ];
  return parts.filter(({ count }) => count > 0);
}

/** @param left milliseconds; null: no end */
export function timeLeftWords(left: number | null): string {
  if (left === null) return "never expires";
  if (left <= 0) return "expires now";
  const parts = timeLeft(left);
  if (parts.length === 0) return "less than a minute left";
  return `${parts.map(({ count, unit }) => counted(count, unit)).join(" ")} left`;
}

/** Until `timeLeft` is another; at most an hour. @param left milliseconds */
export function untilNextTimeLeft(left: number): number {
  const unit = left < day ? minute : left < 2 * day ? hour : day;
  return Math.min(Math.max((left % unit) + 1, second), hour);
}
