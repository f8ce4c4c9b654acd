import { expect, it } from "vitest";
import { timeLeftWords, untilNextWords, urgency } from "../../../src/page/time-left.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

it.each([
  [null, "no end"],
  [-1, "ending now"],
  [minute - 1, "less than a minute left"],
  [minute, "1 minute left"],
  [2 * hour - 1, "119 minutes left"],
  [2 * hour, "2 hours left"],
  [4 * hour - 1, "3 hours 59 minutes left"],
  [12 * hour, "12 hours left"],
  [2 * day - 1, "47 hours left"],
  [60 * day, "60 days left"],
])("%s ms: %s", (left, words) => {
  expect(timeLeftWords(left)).toBe(words);
});

it("the words are looked at again when they change, and no timer is too long for a browser", () => {
  for (const left of [1, 90_500, 3 * hour, 3 * day, 400 * day]) {
    const wait = untilNextWords(left);
    expect(wait).toBeGreaterThanOrEqual(1000);
    expect(wait).toBeLessThanOrEqual(hour);
  }
});

it("five minutes and one minute before the end are told", () => {
  const near = [null, day, 5 * minute, 5 * minute - 1, minute, minute - 1, 0].map(urgency);
  expect(near).toEqual([0, 0, 0, 1, 1, 2, 2]);
});
