import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Throttle } from "../../../src/base/throttle.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("acts at once, and once more for all calls that follow too soon", () => {
  const action = vi.fn();
  const throttle = new Throttle(1_000, action);
  throttle.call();
  expect(action).toHaveBeenCalledTimes(1);
  throttle.call();
  throttle.call();
  expect(action).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1_001);
  expect(action).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(5_000);
  expect(action).toHaveBeenCalledTimes(2);
  throttle.call();
  expect(action).toHaveBeenCalledTimes(3);
  throttle.call();
  throttle.close();
  throttle.call();
  vi.advanceTimersByTime(5_000);
  expect(action).toHaveBeenCalledTimes(3);
});
