import { expect, it, onTestFinished } from "vitest";
import { NotebookChecker } from "../../../../src/workspace/notebooks/checker.ts";

function notebook(source: string): Buffer {
  const cells = [{ cell_type: "markdown", metadata: {}, source }];
  return Buffer.from(JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
}

function makeChecker(time?: number): NotebookChecker {
  const checker = new NotebookChecker(time);
  onTestFinished(() => checker.close());
  return checker;
}

it("R11, R14: notebooks are checked in a separate thread, and delay nobody", async () => {
  const checker = makeChecker();
  // Here, six checks would leave room for a few of them only.
  let ticks = 0;
  const clock = setInterval(() => {
    ticks += 1;
  }, 2);
  const slow = notebook("[".repeat(99_000));
  const results = await Promise.allSettled([
    ...Array.from({ length: 4 }, () => checker.require("a", slow, [])),
    checker.require("b", notebook("text"), []),
    checker.require("b", notebook("<script>"), []),
  ]);
  clearInterval(clock);
  expect(results.map(({ status }) => status).slice(4)).toEqual(["fulfilled", "rejected"]);
  expect(results[5]).toMatchObject({ reason: { code: "UNSAFE", message: expect.stringContaining("Cell 1") } });
  expect(ticks).toBeGreaterThan(50);
});

it("R11: a check that takes too long is a refusal, and the next one is checked", async () => {
  const impatient = makeChecker(1);
  await expect(impatient.require("a", notebook("[".repeat(99_000)), [])).rejects.toMatchObject({ code: "UNSAFE" });
  const checker = makeChecker();
  await expect(checker.require("a", notebook("text"), [])).resolves.toBe(undefined);
  checker.close();
  await expect(checker.require("a", notebook("<script>"), [])).rejects.toMatchObject({ code: "UNSAFE" });
  await expect(checker.require("a", notebook("text"), [])).resolves.toBe(undefined);
});
