import { describe, expect, it } from "vitest";
import { FairQueue } from "../../../src/base/fair-queue.ts";

/** Work that ends when it is told to, and a record of the order in which it began. */
function setUp(slots: number, maxWaiting?: number) {
  const queue = new FairQueue(slots, maxWaiting);
  const began: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (who: string, full?: () => string) =>
    queue.run(
      who,
      () => {
        began.push(who);
        return new Promise<string>((resolve) => ends.push(() => resolve("done")));
      },
      full,
    );
  const endOne = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, began, ask, endOne };
}

describe("a queue in which everyone has their turn", () => {
  it("does so much at once, and then one of each person's in turn", async () => {
    const { queue, began, ask, endOne } = setUp(2);
    const all = [ask("flood"), ask("flood"), ask("flood"), ask("flood"), ask("flood"), ask("bob"), ask("carol")];
    expect([began, queue.running]).toEqual([["flood", "flood"], 2]);
    for (let count = 0; count < 7; count += 1) await endOne();
    expect(began).toEqual(["flood", "flood", "flood", "bob", "carol", "flood", "flood"]);
    await Promise.all(all);
    expect([queue.running, queue.waitingOf("flood")]).toEqual([0, 0]);
  });

  it("continues after a failure", async () => {
    const queue = new FairQueue(1);
    const failing = queue.run("bob", () => Promise.reject(new Error("no")));
    const next = queue.run("bob", async () => "yes");
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  it("tells a person whose line is full at once, and nobody else", async () => {
    const { ask, endOne } = setUp(1, 2);
    const full = () => "full";
    const waiting = [ask("flood", full), ask("flood", full), ask("flood", full)];
    expect(await ask("flood", full)).toBe("full");
    const bob = ask("bob", full);
    for (let count = 0; count < 4; count += 1) await endOne();
    expect(await Promise.all([...waiting, bob])).toEqual(["done", "done", "done", "done"]);
  });
});
