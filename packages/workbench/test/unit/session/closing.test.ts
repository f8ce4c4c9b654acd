import { sessionClose } from "@waiide/protocol";
import { expect, it } from "vitest";
import { backOff } from "../../../src/session/back-off.ts";
import { endingOf, reactionTo } from "../../../src/session/closing.ts";

it.each([
  [sessionClose.login, { kind: "end", why: "login" }],
  [sessionClose.expired, { kind: "end", why: "expired" }],
  [sessionClose.revoked, { kind: "end", why: "revoked" }],
  [sessionClose.removed, { kind: "end", why: "removed" }],
  [sessionClose.administrator, { kind: "end", why: "administrator" }],
  [sessionClose.hub, { kind: "end", why: "hub" }],
  [sessionClose.protocol, { kind: "end", why: "version" }],
  [sessionClose.changed, { kind: "return" }],
  [sessionClose.idle, { kind: "pause" }],
  [sessionClose.stopped, { kind: "retry" }],
  [sessionClose.busy, { kind: "retry" }],
  [1006, { kind: "retry" }],
])("a socket that closes with %i", (code, reaction) => {
  expect(reactionTo(code)).toEqual(reaction);
});

it("the status of a plain request explains a refused upgrade", () => {
  expect([401, 404, 410].map(endingOf)).toEqual(["login", "over", "over"]);
  expect([0, 400, 403, 426, 429, 500, 502, 503].map(endingOf)).toEqual(Array(8).fill(undefined));
});

it("waits longer each time, up to a limit, and not exactly as long as others", () => {
  expect([0, 1, 2, 10].map((attempt) => backOff(attempt, () => 1))).toEqual([500, 1000, 2000, 15_000]);
  expect(backOff(3, () => 0)).toBe(2000);
});
