import { expect, it } from "vitest";
import { Times } from "../../../src/files/times.ts";

it("R13: a file that changed without its time is shown with another time", () => {
  const times = new Times();
  expect(times.shown("a", 100.7)).toBe(100);
  expect(times.shown("a", 100)).toBe(100);
  times.changed("a");
  expect(times.shown("a", 100)).toBe(101);
  expect(times.shown("a", 100)).toBe(101);
});

it("never goes back: the workbench ignores what seems older", () => {
  const times = new Times();
  times.shown("a", 500);
  times.changed("a");
  expect(times.shown("a", 100)).toBe(501);
  expect(times.shown("a", 900)).toBe(900);
});

it("after a loss every file may be another", () => {
  const times = new Times();
  times.shown("a", 1);
  times.shown("b", 1);
  times.allChanged();
  expect([times.shown("a", 1), times.shown("b", 1), times.shown("c", 1)]).toEqual([2, 2, 1]);
});
