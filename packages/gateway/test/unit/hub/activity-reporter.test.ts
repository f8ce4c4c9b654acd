import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Activity } from "../../../src/activity/activity.ts";
import { type ActivityReport, ActivityReporter } from "../../../src/hub/activity-reporter.ts";
import type { HubAnswer } from "../../../src/hub/client.ts";

const logger = pino({ level: "silent" });
const taken: HubAnswer = { kind: "ok", status: 200, body: undefined, date: undefined };
const down: HubAnswer = { kind: "unreachable", reason: "connect ECONNREFUSED" };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function start(options: { serverName?: string; interval?: number; random?: number; answer?: () => HubAnswer } = {}) {
  const { serverName = "", interval, random = 0.5, answer = () => taken } = options;
  const activity = new Activity();
  const sent: { at: number; report: ActivityReport }[] = [];
  const began = Date.now();
  const reporter = new ActivityReporter({
    activity,
    serverName,
    interval,
    logger,
    random: () => random,
    send: async (report) => {
      sent.push({ at: (Date.now() - began) / 1_000, report });
      return answer();
    },
  });
  reporter.start();
  return { activity, sent, reporter };
}

it.each(["", "waiide"])("R20 reports the time of the activity for the server named “%s”", async (serverName) => {
  const { activity, sent, reporter } = start({ serverName });
  await vi.advanceTimersByTimeAsync(100_000);
  activity.touch();
  const time = new Date().toISOString();
  await vi.advanceTimersByTimeAsync(250_000);
  expect(sent).toEqual([
    { at: 300, report: { servers: { [serverName]: { last_activity: time } }, last_activity: time } },
  ]);
  await reporter.close();
});

it("R20 says nothing when there is nothing new", async () => {
  const { activity, sent, reporter } = start();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(sent).toEqual([]);
  activity.touch();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(sent).toHaveLength(1);
  await reporter.close();
});

it.each([
  [0, 270],
  [1, 330],
])("R20 many servers do not report at once: with %d after %d s", async (random, at) => {
  const { activity, sent, reporter } = start({ random });
  activity.touch();
  await vi.advanceTimersByTimeAsync(1);
  activity.touch();
  await vi.advanceTimersByTimeAsync(400_000);
  expect(sent.map((one) => one.at)).toEqual([at]);
  await reporter.close();
});

it("R20 JUPYTERHUB_ACTIVITY_INTERVAL replaces the 300 s", async () => {
  const { activity, sent, reporter } = start({ interval: 20 });
  await vi.advanceTimersByTimeAsync(1_000);
  activity.touch();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sent.map((one) => one.at)).toEqual([20]);
  await reporter.close();
});

it("R20 a hub that is down is asked again, less and less often, and gets the newest time", async () => {
  let answer: HubAnswer = down;
  const { activity, sent, reporter } = start({ answer: () => answer });
  await vi.advanceTimersByTimeAsync(1_000);
  activity.touch();
  await vi.advanceTimersByTimeAsync(300_000 + 190_000);
  expect(sent.map((one) => one.at)).toEqual([300, 301, 303, 307, 315, 331, 363, 423, 483]);
  activity.touch();
  const time = new Date().toISOString();
  answer = taken;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent.at(-1)).toEqual({
    at: 543,
    report: { servers: { "": { last_activity: time } }, last_activity: time },
  });
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(sent).toHaveLength(10);
  await reporter.close();
});

it("R20 closing takes a report under way back", async () => {
  const activity = new Activity();
  let aborted = false;
  const reporter = new ActivityReporter({
    activity,
    serverName: "",
    logger,
    send: (_report, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve(down);
        });
      }),
  });
  reporter.start();
  await vi.advanceTimersByTimeAsync(1_000);
  activity.touch();
  await vi.advanceTimersByTimeAsync(330_000);
  await reporter.close();
  expect(aborted).toBe(true);
});
