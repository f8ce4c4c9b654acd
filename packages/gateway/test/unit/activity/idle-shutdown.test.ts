import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Activity } from "../../../src/activity/activity.ts";
import { IdleShutdown } from "../../../src/activity/idle-shutdown.ts";
import { Timer } from "../../../src/base/timer.ts";

const logger = pino({ level: "silent" });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(timeout: number) {
  const activity = new Activity();
  const shutDown = vi.fn();
  const idle = new IdleShutdown({ activity, timeout, logger, shutDown });
  idle.start();
  return { activity, shutDown, idle };
}

it("R20 gives notice, then ends what nobody uses", () => {
  const { idle, shutDown } = start(3_600);
  vi.advanceTimersByTime(3_539_000);
  expect(idle.endsAt).toBeUndefined();
  vi.advanceTimersByTime(2_000);
  expect(idle.endsAt).toEqual(new Date(Date.now() + 59_000));
  expect(shutDown).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(shutDown).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

it("R20 any activity cancels the warning, and restarts the time", () => {
  const { activity, idle, shutDown } = start(600);
  vi.advanceTimersByTime(545_000);
  expect(idle.endsAt).toBeDefined();
  activity.touch();
  expect(idle.endsAt).toBeUndefined();
  vi.advanceTimersByTime(530_000);
  expect(shutDown).not.toHaveBeenCalled();
  vi.advanceTimersByTime(71_000);
  expect(shutDown).toHaveBeenCalledOnce();
});

it("R20 somebody at work is never ended", () => {
  const { activity, shutDown } = start(60);
  for (let second = 0; second < 3_600; second += 30) {
    vi.advanceTimersByTime(30_000);
    activity.touch();
  }
  expect(shutDown).not.toHaveBeenCalled();
});

it("R20 a clock that jumped ahead (a machine that slept) does not skip the notice", () => {
  const { idle, shutDown } = start(600);
  vi.advanceTimersByTime(100_000);
  vi.setSystemTime(Date.now() + 36_000_000);
  vi.advanceTimersByTime(445_000);
  expect(shutDown).not.toHaveBeenCalled();
  expect(idle.endsAt).toBeDefined();
  vi.advanceTimersByTime(60_000);
  expect(shutDown).toHaveBeenCalledOnce();
});

it("R20 0 is never, and closing leaves no timer", () => {
  const { shutDown } = start(0);
  expect(vi.getTimerCount()).toBe(0);
  const { idle } = start(60);
  idle.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(3_600_000);
  expect(shutDown).not.toHaveBeenCalled();
});

it("R22 waits longer than setTimeout can", () => {
  const callback = vi.fn();
  const timer = new Timer();
  const days = 24 * 3_600_000;
  timer.set(60 * days, callback);
  vi.advanceTimersByTime(59.9 * days);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(0.2 * days);
  expect(callback).toHaveBeenCalledOnce();
});

it("R20 notifies of the warning, and of its end at the next check", () => {
  const activity = new Activity();
  const onNotice = vi.fn();
  const shutDown = vi.fn();
  const idle = new IdleShutdown({ activity, timeout: 600, logger, shutDown, onNotice });
  idle.start();
  vi.advanceTimersByTime(545_000);
  expect(onNotice.mock.calls).toEqual([[idle.endsAt]]);
  idle.recheck();
  expect(onNotice).toHaveBeenCalledTimes(1);
  activity.touch();
  idle.recheck();
  expect(onNotice.mock.lastCall).toEqual([undefined]);
  vi.advanceTimersByTime(300_000);
  expect(shutDown).not.toHaveBeenCalled();
  idle.close();
});
