import { expect, it } from "vitest";
import { ClosedTogether, Lifetime } from "../../../src/parts/lifetime.ts";

/** Notes its name in `closed` when it is closed. */
function part(name: string, closed: string[], error?: Error) {
  return {
    name,
    close: async () => {
      closed.push(name);
      if (error !== undefined) throw error;
    },
  };
}

it("parts are closed in the reverse order of their start", async () => {
  const closed: string[] = [];
  const lifetime = new Lifetime();
  expect(lifetime.keep(part("first", closed)).name).toBe("first");
  lifetime.keep(part("second", closed));
  await lifetime.close();
  expect(closed).toEqual(["second", "first"]);
});

it("a part that cannot be closed keeps no other open, and its error is thrown", async () => {
  const closed: string[] = [];
  const lifetime = new Lifetime();
  const reason = new Error("stuck");
  lifetime.keep(part("first", closed));
  lifetime.keep(part("second", closed, reason));
  await expect(lifetime.close()).rejects.toMatchObject({ errors: [reason] });
  expect(closed).toEqual(["second", "first"]);
});

it("parts that end together are closed at the same time, and once", async () => {
  const closed: string[] = [];
  const slow = Promise.withResolvers<void>();
  const together = new ClosedTogether([{ close: () => slow.promise }, part("quick", closed)]);
  const closing = together.close();
  expect(closed).toEqual(["quick"]);
  slow.resolve();
  await Promise.all([closing, together.close()]);
  expect(closed).toEqual(["quick"]);
});
