import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { WorkerThread, type WorkerThreadOptions, workerFile } from "../../../src/system/worker-thread.ts";

const folder = mkdtempSync(join(tmpdir(), "waiide-thread-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the thread of these tests can be told to do; it counts what it was asked. */
const source = `
import { answerRequests } from ${JSON.stringify(pathToFileURL(resolve(import.meta.dirname, "../../../src/system/worker-thread.ts")))};
let count = 0;
answerRequests((what) => {
  count += 1;
  if (what === "throw") throw new Error("a fault in the thread");
  if (what === "exit") process.exit(0);
  while (what === "hang");
  const all = [];
  while (what === "eat") all.push(new Array(10_000).fill(count));
  return count;
});
`;
writeFileSync(join(folder, "counts.ts"), source);

function thread(changes: Partial<WorkerThreadOptions> = {}): WorkerThread<string, number> {
  const file = () => workerFile("counts", pathToFileURL(join(folder, "starter.ts")).href);
  const made = new WorkerThread<string, number>({ name: "test", file, maxMemory: 64, timeout: 20_000, ...changes });
  onTestFinished(() => made.close());
  return made;
}

it("one thread answers all requests, one at a time", async () => {
  const counts = thread();
  const answers = ["a", "b", "a"].map((who) => counts.inTurn(who, (ask) => ask("count")));
  expect((await Promise.all(answers)).sort()).toEqual([1, 2, 3]);
});

it.each(["exit", "eat"])("a thread that ends at %s gives no answer; the next request starts another", async (what) => {
  const counts = thread();
  expect(await counts.inTurn("a", (ask) => ask("count"))).toBe(1);
  expect(await counts.inTurn("a", (ask) => ask(what))).toBeUndefined();
  expect(await counts.inTurn("a", (ask) => ask("count"))).toBe(1);
});

it("R14: a request that takes too long gets no answer, and its thread is ended", async () => {
  const counts = thread({ timeout: 1 });
  expect(await counts.inTurn("a", (ask) => ask("hang"))).toBeUndefined();
});

it("the caller gets a fault of the thread, and the next request another thread", async () => {
  const counts = thread();
  await expect(counts.inTurn("a", (ask) => ask("throw"))).rejects.toThrow("a fault in the thread");
  expect(await counts.inTurn("a", (ask) => ask("count"))).toBe(1);
});

it("closing ends the current request, and the next one starts another thread", async () => {
  const counts = thread();
  const hanging = counts.inTurn("a", (ask) => {
    const answer = ask("hang");
    counts.close();
    return answer;
  });
  expect(await hanging).toBeUndefined();
  expect(await counts.inTurn("a", (ask) => ask("count"))).toBe(1);
});

it("in a bundle the thread's file lies beside the bundle", () => {
  expect(workerFile("merge-worker", "file:///opt/waiide/dist/gateway.cjs").href).toBe(
    "file:///opt/waiide/dist/merge-worker.cjs",
  );
  expect(workerFile("merge-worker", "file:///src/documents/merger.ts").href).toBe(
    "file:///src/documents/merge-worker.ts",
  );
});
