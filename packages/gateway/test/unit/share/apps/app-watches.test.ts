import { expect, it, onTestFinished, vi } from "vitest";
import { AppWatches } from "../../../../src/share/apps/app-watches.ts";
import type { AppCondition } from "../../../../src/share/records/view.ts";
import type { StoredShare } from "../../../../src/share/store/stored.ts";

it("an app is looked at once for all open pages of a share", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const ready: AppCondition = { state: "ready", reason: "" };
  const conditionOf = vi.fn(() => ready);
  const watches = new AppWatches({ conditionOf });
  const share = { id: "one" } as StoredShare;
  const told: number[] = [];
  const page = (number: number, over = false) =>
    watches.watch("one", { share: () => (over ? undefined : share), tell: () => told.push(number) });
  const close = [page(1, true), page(2), page(3)];
  vi.advanceTimersByTime(3_000);
  expect(conditionOf).toHaveBeenCalledTimes(3);
  expect(told).toEqual([2, 3, 2, 3, 2, 3]);
  for (const end of close) end();
  vi.advanceTimersByTime(3_000);
  expect(conditionOf).toHaveBeenCalledTimes(3);
  expect(vi.getTimerCount()).toBe(0);
  page(4);
  vi.advanceTimersByTime(1_000);
  expect(told.at(-1)).toBe(4);
});
