import type { ActivityReport } from "@waiide/protocol";
import { pino } from "pino";
import { expect, it, vi } from "vitest";
import { Activity } from "../../../src/activity/activity.ts";
import { IdeActivity, type IdeActivityOptions } from "../../../src/activity/ide-activity.ts";

const begin = Date.UTC(2026, 10, 25);

function create(changes: Partial<IdeActivityOptions> = {}) {
  let now = begin;
  const clock = () => now;
  const activity = new Activity(clock);
  const logger = pino({ level: "silent" });
  const ide = new IdeActivity({
    activity,
    workCounts: true,
    logger,
    timeout: 0,
    clock,
    processes: () => [],
    ...changes,
  });
  return {
    ide,
    logger,
    wait(seconds: number) {
      now += seconds * 1_000;
    },
    /** Seconds since the begin. */
    last: () => (activity.lastActivity.getTime() - begin) / 1_000,
  };
}

const report = (changes: Partial<ActivityReport> = {}): ActivityReport => ({
  window: "a",
  person: false,
  terminals: [],
  work: {},
  ...changes,
});

it("R20 until the extension reports, IDE traffic counts; then only its reports", () => {
  const { ide, wait, last } = create();
  ide.opened();
  wait(10);
  ide.passed();
  expect([last(), ide.source]).toEqual([10, expect.stringContaining("has not reported yet")]);
  ide.report(report());
  wait(10);
  ide.passed();
  expect([last(), ide.source]).toEqual([10, "the extension in the IDE"]);
  ide.report(report({ person: true }));
  expect(last()).toBe(20);
});

it("R20 a silent extension is not awaited, and reported once", () => {
  const { ide, logger, wait, last } = create();
  const warn = vi.spyOn(logger, "warn");
  ide.opened();
  ide.report(report());
  wait(ide.interval * 4);
  ide.look();
  ide.passed();
  expect([last(), warn.mock.calls.length]).toEqual([0, 0]);
  wait(1);
  for (let times = 0; times < 3; times += 1) ide.look();
  ide.passed();
  expect([last(), warn.mock.calls.length]).toEqual([61, 1]);
  expect(ide.source).toContain("fallen silent");
  ide.report(report());
  expect(ide.source).toBe("the extension in the IDE");
});

it("R20 nobody is at a closed window, whatever its process reports", () => {
  const { ide, logger, wait, last } = create();
  const warn = vi.spyOn(logger, "warn");
  const closed = ide.opened();
  ide.report(report());
  closed();
  closed();
  wait(10);
  ide.report(report({ person: true }));
  expect(last()).toBe(0);
  wait(1_000);
  ide.look();
  expect(warn).not.toHaveBeenCalled();
});

it.each([[{ tasks: 1 }], [{ debugging: 1 }], [{ cells: 2 }]])("R20 %o is work, where work counts", (work) => {
  for (const workCounts of [true, false]) {
    const { ide, wait, last } = create({ workCounts });
    wait(5);
    ide.report(report({ work }));
    expect(last()).toBe(workCounts ? 5 : 0);
  }
});

it("R20 a program in a terminal counts while it runs, even without a window", () => {
  const shell = { pid: 7, parent: 1, started: "100", ended: false };
  const program = { pid: 8, parent: 7, started: "101", ended: false };
  let processes = [shell];
  const { ide, wait, last } = create({ processes: () => processes });
  ide.report(report({ terminals: [7] }));
  wait(10);
  ide.look();
  expect(last()).toBe(0);
  processes = [shell, program];
  ide.look();
  expect(last()).toBe(10);
  wait(1_000);
  ide.look();
  expect(last()).toBe(1_010);
  // Another process with the same id, later.
  processes = [{ ...shell, started: "500" }, program];
  wait(10);
  ide.look();
  processes = [shell, program];
  ide.look();
  expect(last()).toBe(1_010);
});

it("R20 nothing in terminals counts where work does not", () => {
  const processes = () => [
    { pid: 7, parent: 1, started: "100", ended: false },
    { pid: 8, parent: 7, started: "101", ended: false },
  ];
  const { ide, wait, last } = create({ processes, workCounts: false });
  wait(5);
  ide.report(report({ terminals: [7] }));
  expect(last()).toBe(0);
});

it.each([
  [0, undefined, 15],
  [3_600, 300, 15],
  [60, 300, 3],
  [3_600, 4, 2],
  [1, 1, 0.5],
])("for a timeout of %s s and a hub interval of %s s there is a report every %s s", (timeout, hubInterval, every) => {
  expect(create({ timeout, hubInterval }).ide.interval).toBe(every);
});
