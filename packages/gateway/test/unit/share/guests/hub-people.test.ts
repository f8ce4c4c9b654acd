import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { HubPerson } from "../../../../src/hub/hub-authentication.ts";
import { HubPeople } from "../../../../src/share/guests/hub-people.ts";
import { ShareEvents } from "../../../../src/share/share-events.ts";
import { makeLink, makeSession } from "../../../support/share-records.ts";

let answer: "same" | "gone" | "unknown";
let asked: number;
let mayStay: boolean;
const bob: HubPerson = {
  name: "bob",
  groups: [],
  scopes: [],
  recheck: async () => {
    asked += 1;
    return answer === "same" ? bob : answer;
  },
};
const sessions = new Set<string>();
const onGone = vi.fn();
let people: HubPeople;

beforeEach(() => {
  vi.useFakeTimers();
  answer = "same";
  asked = 0;
  mayStay = true;
  onGone.mockReset();
  sessions.clear();
  sessions.add("s");
  const session = (id: string) => (sessions.has(id) ? makeSession(id, makeLink("link", "share")) : undefined);
  const events = new ShareEvents().on("guestGone", onGone);
  people = new HubPeople({ table: { session, admits: () => mayStay }, events });
  people.entered("s", bob);
});
afterEach(async () => {
  await people.close();
  vi.useRealTimers();
});

const minute = () => vi.advanceTimersByTimeAsync(60_000);

it("R1: after a logout at the hub a guest is out within a minute", async () => {
  await minute();
  expect(people.find("s")?.name).toBe("bob");
  answer = "gone";
  await minute();
  expect(people.find("s")).toBeUndefined();
  expect(onGone).toHaveBeenCalledExactlyOnceWith("s");
});

it("R22: a hub that is down puts nobody out", async () => {
  answer = "unknown";
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(people.find("s")?.name).toBe("bob");
  expect(onGone).not.toHaveBeenCalled();
});

it("guests who left are not checked", async () => {
  sessions.clear();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toBe(0);
  expect(onGone).not.toHaveBeenCalled();
});

it("R2: a person who leaves the share's group is out within a minute", async () => {
  await minute();
  mayStay = false;
  await minute();
  expect(onGone).toHaveBeenCalledExactlyOnceWith("s");
});
