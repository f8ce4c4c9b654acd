import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LeadingEdge } from "../../../src/live/leading-edge.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("the first call counts at once, later ones together, and the last is not lost", () => {
  let runs = 0;
  const edge = new LeadingEdge(50, () => runs++);
  for (let call = 0; call < 5; call++) edge.run();
  expect(runs).toBe(1);
  vi.advanceTimersByTime(50);
  expect(runs).toBe(2);
  vi.advanceTimersByTime(500);
  expect(runs).toBe(2);
});
