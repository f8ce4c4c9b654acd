import { expect, it } from "vitest";
import { newId } from "../../../../src/share/records/secrets.ts";

it("an id can be given to commands, and stand in addresses: it never begins like a flag", () => {
  // One in 64 would.
  for (let count = 0; count < 5_000; count += 1) expect(newId()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{11}$/);
});
