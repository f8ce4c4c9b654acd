import { expect, it } from "vitest";
import type { Finding } from "../../../src/base/finding.ts";
import { describe } from "../../../src/doctor/doctor.ts";

const finding = (result: Finding["result"]): Finding => ({ check: "hub", result, message: "It does not answer." });

it("doctor counts as people do: 1 problem, 2 warnings", () => {
  const lastLine = (...results: Finding["result"][]) => describe(results.map(finding)).trimEnd().split("\n").at(-1);
  expect(lastLine("problem", "warning", "warning")).toBe("1 problem, 2 warnings.");
  expect(lastLine("ok")).toBe("0 problems, 0 warnings.");
  expect(lastLine("problem", "problem", "warning")).toBe("2 problems, 1 warning.");
});
