import { Value } from "typebox/value";
import { expect, it } from "vitest";
import { WholeNumber } from "../../../src/index.ts";

it("a whole number is at most what the database holds exactly", () => {
  const schema = WholeNumber({ minimum: 0 });
  expect(Value.Check(schema, Number.MAX_SAFE_INTEGER)).toBe(true);
  for (const value of [Number.MAX_SAFE_INTEGER + 1, 2 ** 63, 1e300, Number.POSITIVE_INFINITY, -1, 0.5]) {
    expect(Value.Check(schema, value), String(value)).toBe(false);
  }
  expect(WholeNumber({ minimum: 1, maximum: 65_535 })).toMatchObject({ minimum: 1, maximum: 65_535 });
});
