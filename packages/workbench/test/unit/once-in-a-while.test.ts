import { expect, it } from "vitest";
import { onceInAWhile } from "../../src/workbench/once-in-a-while.ts";

it("says the same thing once in ten seconds, and other things at once", () => {
  let now = 0;
  const said: string[] = [];
  const say = onceInAWhile(
    (message) => said.push(message),
    () => now,
  );
  for (const message of ["a", "a", "b", "a"]) say(message);
  expect(said).toEqual(["a", "b"]);
  now = 10_000;
  say("a");
  expect(said).toEqual(["a", "b", "a"]);
});
