import { copyTargetHeader } from "@waiide/protocol";
import { expect, it } from "vitest";
import { CopyTickets } from "../../../../src/share/copies/copy-tickets.ts";
import { makeLink, makeSession, makeShare } from "../../../support/share-records.ts";

const to = "/user/bob/copy/return";

function tickets(timeLeft: number | null = null) {
  let now = 1_000_000;
  const session = makeSession("g", makeLink("l", "s"));
  const table = { session: () => session, shareFor: () => makeShare("s"), timeLeft: () => timeLeft };
  const made = new CopyTickets({ table, clock: () => now });
  return { made, session, wait: (time: number) => (now += time) };
}

function asking(ticket: string, target = to) {
  return { headers: { authorization: `Bearer ${ticket}`, [copyTargetHeader]: target } };
}

it("R28: a ticket works for ten minutes, and no longer than the share", () => {
  const { made, session, wait } = tickets();
  const { ticket } = made.make(session, to);
  wait(599_000);
  expect(made.sessionOf(asking(ticket), "s")).toBe(session);
  wait(1_000);
  expect(made.sessionOf(asking(ticket), "s")).toBeUndefined();
  const short = tickets(5_000);
  const { ticket: second } = short.made.make(short.session, to);
  short.wait(5_000);
  expect(short.made.sessionOf(asking(second), "s")).toBeUndefined();
});

it("R28: a guest has eight at most, the oldest go", () => {
  const { made, session } = tickets();
  const all = Array.from({ length: 9 }, () => made.make(session, to).ticket);
  const good = all.filter((ticket) => made.sessionOf(asking(ticket), "s") !== undefined);
  expect(good).toEqual(all.slice(1));
});

it("R28: a ticket is spent once", () => {
  const { made, session } = tickets();
  const { ticket } = made.make(session, to);
  expect([made.spend(asking(ticket)), made.spend(asking(ticket)), made.spend({ headers: {} })]).toEqual([
    true,
    false,
    true,
  ]);
});
