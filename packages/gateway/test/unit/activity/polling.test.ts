import { expect, it } from "vitest";
import { Activity } from "../../../src/activity/activity.ts";
import { PollingFilter } from "../../../src/activity/polling.ts";

interface Asked {
  readonly at: number;
  readonly path?: string;
  readonly query?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

function judge(requests: readonly Asked[]): boolean[] {
  let now = 0;
  const filter = new PollingFilter(() => now);
  return requests.map(({ at, path = "/proxy/3000/status", query = "", method = "GET", headers = {} }) => {
    now = at * 1_000;
    return filter.isPersonal({ method, headers }, path, query);
  });
}

it.each<[string, Asked, boolean]>([
  ["a page that a click opened", { at: 0, headers: { "sec-fetch-user": "?1", "sec-fetch-dest": "document" } }, true],
  ["a program's request", { at: 0 }, true],
  ["a script's POST", { at: 0, method: "POST", headers: { "sec-fetch-dest": "empty" } }, true],
  ["an image of a page", { at: 0, headers: { "sec-fetch-dest": "image" } }, false],
  ["a script of a page", { at: 0, headers: { "sec-fetch-dest": "script" } }, false],
  ["HEAD", { at: 0, method: "HEAD" }, false],
  ["OPTIONS", { at: 0, method: "OPTIONS" }, false],
  ["JupyterLab's own polling", { at: 0, query: "?no_track_activity=1&1732" }, false],
])("R20 %s", (_name, request, personal) => {
  expect(judge([request])).toEqual([personal]);
});

it("R20 a path asked for at a steady interval is polling from the third time on", () => {
  const at = [0, 10, 20.1, 30, 41, 50.2];
  expect(judge(at.map((second) => ({ at: second, query: `?${second}` })))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

it("R20 two tabs that poll in turns are polling too", () => {
  expect(judge([0, 3, 10, 13, 20, 23, 30, 33].map((at) => ({ at })))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

it("R20 irregular requests for a path are a person's; polling hides no others", () => {
  expect(judge([0, 4, 15, 40, 47, 120].map((at) => ({ at, method: "POST" })))).toEqual(Array(6).fill(true));
  const mixed = [0, 10, 20, 30].flatMap((at) => [{ at }, { at: at + 1, path: `/proxy/3000/page-${at}` }]);
  expect(judge(mixed).slice(-4)).toEqual([false, true, false, true]);
});

it("R20 forgets the paths asked for longest ago", () => {
  const many = Array.from({ length: 400 }, (_, index) => ({ at: index, path: `/proxy/3000/${index}` }));
  expect(judge([...many, { at: 401, path: "/proxy/3000/0" }]).at(-1)).toBe(true);
});

it("R20 activity is never in the future, and an open socket does not count", () => {
  let now = 1_000;
  const activity = new Activity(() => now);
  now = 5_000;
  const closed = activity.opened();
  expect(activity.connections).toBe(1);
  expect(activity.lastActivity).toEqual(new Date(1_000));
  activity.touch();
  now = 3_000;
  expect(activity.lastActivity).toEqual(new Date(3_000));
  closed();
  closed();
  expect(activity.connections).toBe(0);
});
