import { expect, it } from "vitest";
import { setDurationWords, timeLeftWords, untilNextTimeLeft } from "../../../src/words/duration.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

it.each([
  [7 * day, "7 days"],
  [30 * day, "30 days"],
  [2 * day, "2 days"],
  [day, "24 hours"],
  [25 * hour, "25 hours"],
  [hour, "1 hour"],
  [90 * minute, "90 minutes"],
  [61_000, "61 seconds"],
])("a length of %d ms that somebody set is exact: %s", (length, words) => {
  expect(setDurationWords(length)).toBe(words);
});

it.each([
  [null, "never expires"],
  [-1, "expires now"],
  [minute - 1, "less than a minute left"],
  [minute, "1 minute left"],
  [2 * hour - 1, "1 hour 59 minutes left"],
  [2 * hour, "2 hours left"],
  [day - 1, "23 hours 59 minutes left"],
  [day, "24 hours left"],
  [2 * day - 1, "47 hours left"],
  [60 * day, "60 days left"],
])("%s ms: %s", (left, words) => {
  expect(timeLeftWords(left)).toBe(words);
});

it("the time left is updated when its words change, at any distance", () => {
  for (const left of [1, 90_500, 3 * hour, day - 1, 30 * hour, 3 * day, 400 * day]) {
    const wait = untilNextTimeLeft(left);
    expect(wait).toBeGreaterThanOrEqual(1000);
    expect(wait).toBeLessThanOrEqual(hour);
    if (wait < hour && left > minute) expect(timeLeftWords(left - wait)).not.toBe(timeLeftWords(left));
  }
});
