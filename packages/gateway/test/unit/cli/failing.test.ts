import { expect, it } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { describeFailure, exitCodeOf } from "../../../src/cli/failing.ts";

it("our own errors say what to do; others have a few lines without source code", () => {
  const known = new GatewayError("HOME_MISSING", { uid: 12_345 });
  expect(describeFailure(known)).toMatch(
    /^waiide: The user 12345 has no home folder.*\n {2}Set HOME .*\(HOME_MISSING\)\n$/,
  );
  expect([exitCodeOf(known), exitCodeOf(new Error("x"))]).toEqual([1, 1]);
  const unknown = new Error("x".repeat(170_000));
  unknown.stack = `/dist/gateway.cjs:1\n${"code;".repeat(40_000)}\n${unknown.stack}`;
  const words = describeFailure(unknown);
  expect(words).toMatch(/^waiide: unexpected error: x+\n {2}at /);
  expect(words.length).toBeLessThan(3_000);
  expect(words).not.toContain("code;");
  expect(describeFailure("only words")).toContain("unexpected error: only words");
});
