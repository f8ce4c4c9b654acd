import type { IncomingMessage } from "node:http";
import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { HubPerson } from "../../../../src/hub/hub-authentication.ts";
import { GuestSessions } from "../../../../src/share/guests/guest-sessions.ts";
import { HubPeople } from "../../../../src/share/guests/hub-people.ts";
import { createRecords, type ShareRecords } from "../../../../src/share/records/records.ts";
import type { CheckedShare } from "../../../../src/share/records/request.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { defaultPolicy } from "../../../support/shared-servers.ts";

const workspace: CheckedShare = {
  level: "view",
  root: "/w",
  scope: { kind: "workspace" },
  selection: undefined,
  app: null,
};
const noCookie = { headers: {} } as IncomingMessage;
const closed = new AbortController().signal;

let records: ShareRecords;
let sessions: GuestSessions;
let people: HubPeople;
let share: string;

beforeEach(async () => {
  const store = new MemoryStore();
  records = createRecords({
    policy: defaultPolicy,
    owner: "alice",
    hubOwner: "alice",
    logger: pino({ level: "silent" }),
    openStore: async () => store.asStore(),
  });
  await records.storage.open();
  people = new HubPeople(records);
  const options = { ...records, records: records.sessions, baseUrl: "/", owner: "alice", maxGuestsOfShare: 10, people };
  sessions = new GuestSessions(options);
  const made = await records.shares.create({ permission: "view", approve: true, with: { group: "team" } }, workspace);
  share = made.share.id;
});
afterEach(async () => {
  await people.close();
  records.dismiss();
  await records.close();
});

function person(name: string): HubPerson {
  return { name, groups: ["team"], recheck: async () => "unknown" } as unknown as HubPerson;
}

function enter(name: string, waiting?: string) {
  const context = { scheme: "http" as const, clientAddress: "127.0.0.1", person: person(name) };
  return sessions.enter(noCookie, context, share, waiting === undefined ? {} : { waiting }, closed);
}

/** Asks, is answered by the owner, and asks for the answer. */
async function answered(name: string, what: "accept" | "decline") {
  const asked = await enter(name);
  const [request] = records.waiting.requestsOf(share);
  expect(request).toMatchObject({ name, hub_user: name });
  await records.waiting[what](request?.request ?? "");
  return enter(name, "waiting" in asked ? asked.waiting : "");
}

it("a named person of the hub waits too, and joins once accepted", async () => {
  expect(await answered("bob", "accept")).toHaveProperty("cookie");
  expect(records.table.sessionsOf(share)).toMatchObject([{ hubUser: "bob" }]);
});

it("whoever was accepted comes in again from another browser, and nobody else", async () => {
  await answered("bob", "accept");
  expect(await enter("bob")).toHaveProperty("cookie");
  expect(await enter("carol")).toHaveProperty("waiting");
  expect(records.table.sessionsOf(share).map(({ hubUser }) => hubUser)).toEqual(["bob", "bob"]);
});

it("a declined person has no session", async () => {
  await expect(answered("bob", "decline")).rejects.toMatchObject({ code: "SHARE_DECLINED" });
  expect(records.table.sessionsOf(share)).toEqual([]);
});

it("a removed person waits again", async () => {
  await answered("bob", "accept");
  await records.sessions.remove(share, records.table.sessionsOf(share)[0]?.id ?? "");
  expect(await enter("bob")).toHaveProperty("waiting");
});

it("R16: a lowered person is lowered in another browser too", async () => {
  await answered("bob", "accept");
  const edit = await records.shares.create(
    { permission: "edit", with: { user: "dave" } },
    { ...workspace, level: "edit" },
  );
  share = edit.share.id;
  await enter("dave");
  await records.sessions.lower(share, records.table.sessionsOf(share)[0]?.id ?? "", "view");
  await enter("dave");
  expect(records.table.sessionsOf(share).map(({ level }) => level)).toEqual(["view", "view"]);
});

it("R31: owners see an app as its guests do, and enter no share of others", async () => {
  const toBob = { approve: true, with: { user: "bob" } };
  const options = { guestsStart: true, keepsServer: false, names: false, runsCode: false };
  const app = { port: null, name: "lab", path: "/", program: null, ...options };
  const checked: CheckedShare = { ...workspace, level: "app", scope: { kind: "app", name: "Lab" }, app };
  const files = await records.shares.create({ permission: "view", ...toBob }, workspace);
  const shown = await records.shares.create({ permission: "app", ...toBob }, checked);
  share = files.share.id;
  await expect(enter("alice")).rejects.toMatchObject({ code: "SHARE_LINK_WRONG" });
  expect(records.table.sessionsOf(share)).toEqual([]);
  share = shown.share.id;
  await expect(enter("carol")).rejects.toMatchObject({ code: "SHARE_LINK_WRONG" });
  expect(await enter("alice")).toHaveProperty("cookie");
  expect(records.table.sessionsOf(share).map(({ hubUser }) => hubUser)).toEqual(["alice"]);
});
