import { expect, it } from "vitest";
import { urgency } from "../../../src/page/urgency.ts";

const minute = 60_000;

it("announces five minutes and one minute before the end", () => {
  const near = [null, 1_440 * minute, 5 * minute, 5 * minute - 1, minute, minute - 1, 0].map(urgency);
  expect(near).toEqual([0, 0, 0, 1, 1, 2, 2]);
});
