import { expect, it } from "vitest";
import { KeyedSerialQueue } from "../../../src/base/serial-queue.ts";

it("runs one task after the other for each key, and forgets keys without tasks", async () => {
  const turns = new KeyedSerialQueue();
  const done: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      done.push(name);
      ends.set(name, resolve);
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const all = [turns.run("a", work("a1")), turns.run("a", work("a2")), turns.run("b", work("b1"))];
  await settle();
  expect([done, turns.size]).toEqual([["a1", "b1"], 2]);
  ends.get("a1")?.();
  await settle();
  expect(done).toEqual(["a1", "b1", "a2"]);
  ends.get("a2")?.();
  ends.get("b1")?.();
  await Promise.all(all);
  expect(turns.size).toBe(0);
});

it("continues after a failure, which its own caller gets", async () => {
  const turns = new KeyedSerialQueue();
  const failing = turns.run("a", () => Promise.reject(new Error("no")));
  const next = turns.run("a", async () => "yes");
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
