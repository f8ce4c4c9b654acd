import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Asker, WaitingRoom } from "../../../../src/share/guests/waiting-room.ts";
import { ShareEvents } from "../../../../src/share/share-events.ts";
import { makeShare } from "../../../support/share-records.ts";

const bob: Asker = { share: "s", link: "l", name: "Bob", hubUser: null, network: "1" };
const events = new ShareEvents();
const note = vi.fn();
const table = { findLive: () => makeShare("s"), hasLink: () => true };

let room: WaitingRoom;
beforeEach(() => {
  vi.useFakeTimers();
  room = new WaitingRoom({
    table,
    events,
    audit: { note },
    owner: "alice",
    max: 20,
    timeout: 900_000,
    clock: Date.now,
  });
});
afterEach(() => {
  room.close();
  vi.useRealTimers();
});

/** A page of a guest that asks again after each answer, as the landing page does. */
async function page(secret: string, gone: AbortSignal): Promise<string> {
  for (;;) {
    const answer = await room.answer("s", secret, gone);
    if (answer !== "waiting" || gone.aborted) return answer;
  }
}

it("a guest waits as long as their page is open, and no longer", async () => {
  const closing = new AbortController();
  const waits = page(await room.ask(bob), closing.signal);
  await vi.advanceTimersByTimeAsync(100_000);
  expect(room.requestsOf("s")).toMatchObject([{ name: "Bob" }]);
  closing.abort();
  expect(await waits).toBe("waiting");
  await vi.advanceTimersByTimeAsync(11_000);
  expect(room.requestsOf("s")).toEqual([]);
});

it("without an answer the request ends in time", async () => {
  const waits = page(await room.ask(bob), new AbortController().signal);
  await vi.advanceTimersByTimeAsync(900_000);
  expect(await waits).toBe("unanswered");
  expect(room.requestsOf("s")).toEqual([]);
});

it("two requests are answered one by one", async () => {
  const signal = new AbortController().signal;
  const first = page(await room.ask(bob), signal);
  const second = page(await room.ask({ ...bob, name: "Carol" }), signal);
  const [one, other] = room.requestsOf("s");
  room.accept(one?.request ?? "");
  await room.decline(other?.request ?? "");
  expect([await first, await second]).toEqual(["accepted", "declined"]);
});

it("R14: declines count for an account, not for the others at its address", async () => {
  for (let time = 1; time <= 3; time += 1) {
    await room.ask({ ...bob, hubUser: "bob" });
    await room.decline(room.requestsOf("s")[0]?.request ?? "");
  }
  await expect(room.ask({ ...bob, hubUser: "bob" })).rejects.toMatchObject({ code: "SHARE_ASKED_OFTEN" });
  await room.ask({ ...bob, hubUser: "carol" });
  expect(room.requestsOf("s")).toMatchObject([{ hub_user: "carol" }]);
});
