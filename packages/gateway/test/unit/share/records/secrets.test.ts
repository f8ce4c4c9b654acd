import { expect, it } from "vitest";
import { newId } from "../../../../src/share/records/secrets.ts";

it("an id never looks like a flag, and can be part of an address", () => {
  // One in 64 would.
  for (let count = 0; count < 5_000; count += 1) expect(newId()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{11}$/);
});
