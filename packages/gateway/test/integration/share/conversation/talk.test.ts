import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit, CreatedShare, TalkMessage, TalkPage } from "@waiide/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import type { GuestClient, SessionClient } from "../../../support/guest-client.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n" };

let server: SharingGateway;
let share: CreatedShare;
let guest: GuestClient;
let session: SessionClient;

async function start(flags: Record<string, string> = {}): Promise<void> {
  server = await SharingGateway.start({ files, flags });
  ({ share, guest } = await server.enter({ permission: "view" }));
  session = await guest.session();
}

let keys = 0;
const say = (text: string, by = session, key = `key-${++keys}-of-a-page`) => by.ask("say", { text, key });
const read = async (id = share.id) => (await server.api(`/api/share/${id}/talk`)).body as TalkPage;
const texts = ({ messages }: TalkPage) => messages.map(({ text }) => text);

/** Whether a text is anywhere in the store's file. */
function isStored(text: string): boolean {
  return readFileSync(join(server.dataFolder, "shares.sqlite")).includes(Buffer.from(text));
}

describe("the conversation of a share", () => {
  beforeEach(() => start());

  it("guests and owner read each other's messages, with the gateway's names", async () => {
    const other = await (await server.guest(share).enter("Carol")).session();
    expect(await say("Hello\nworld")).toMatchObject({ text: "Hello\nworld", name: "Bob", hub_user: null });
    expect(await other.message("said")).toMatchObject({ message: { text: "Hello\nworld", name: "Bob" } });
    const { status, body } = await server.api(`/api/share/${share.id}/talk`, { method: "POST", body: { text: "Hi" } });
    expect([status, (body as TalkMessage).session]).toEqual([201, null]);
    await session.find((one) => one.type === "said" && one.message.text === "Hi");
    expect(texts(await read())).toEqual(["Hello\nworld", "Hi"]);
    expect(await other.ask("talk", {})).toMatchObject({ messages: [{ name: "Bob" }, { session: null }], more: false });
  });

  it("guests of another share read nothing of it", async () => {
    const elsewhere = await server.enter({ permission: "view" });
    const stranger = await elsewhere.guest.session();
    await say("only here");
    expect(await stranger.ask("talk", {})).toEqual({ messages: [], more: false });
    expect(stranger.messages.filter(({ type }) => type === "said")).toEqual([]);
  });

  it.each([
    ["nothing", ""],
    ["blanks", "  \n "],
    ["2,001 characters", "x".repeat(2_001)],
    ["a terminal's control characters", "a\u001b[2J"],
  ])("R17: %s is refused, and nothing is written", async (_name, text) => {
    expect(await say(text)).toMatchObject({ code: "INVALID" });
    expect((await server.api(`/api/share/${share.id}/talk`, { method: "POST", body: { text } })).status).toBe(400);
    expect((await read()).messages).toEqual([]);
  });

  it("a request that is repeated writes one message", async () => {
    const [one, other] = await Promise.all([say("once", session, "same-key"), say("once", session, "same-key")]);
    expect(other).toEqual(one);
    expect(texts(await read())).toEqual(["once"]);
  });

  it("R14: a guest who writes very often is refused for a while, the others are not", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => say(`a${index}`)));
    expect(answers.every((answer) => "text" in answer)).toBe(true);
    for (let index = 8; index < 20; index += 1) await say(`a${index}`);
    expect(await say("too much")).toMatchObject({ code: "BUSY" });
    const other = await (await server.guest(share).enter("Carol")).session();
    expect(await say("calm", other)).toMatchObject({ text: "calm" });
    expect(texts(await read())).not.toContain("too much");
  });

  it("the audit says who wrote, and not what", async () => {
    await say("between us");
    const { body } = await server.api(`/api/share/audit?share=${share.id}`);
    const said = (body as Audit).entries.find(({ event }) => event === "say");
    expect(said?.who).toContain("Bob");
    expect(JSON.stringify(body)).not.toContain("between us");
  });

  it("it survives a restart, and ends with the share", async () => {
    await say("kept for now");
    session.socket.close();
    await server.restart();
    expect(texts(await read())).toEqual(["kept for now"]);
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    expect((await server.api(`/api/share/${share.id}/talk`)).status).toBe(404);
    await server.restart();
    expect(isStored("kept for now")).toBe(false);
  });

  it("a removed guest neither reads nor writes", async () => {
    await server.api(`/api/share/${share.id}/guests/${(await session.message("welcome")).you.session}`, {
      method: "DELETE",
    });
    await session.closed;
    expect(await guest.upgrade("api/session")).toBe(401);
    expect((await read()).messages).toEqual([]);
  });
});

describe("limits and the administrator's setting", () => {
  it("R14: the newest messages are kept", async () => {
    await start({ "share-limits": JSON.stringify({ messages: 3, free: 0 }) });
    for (const text of ["one", "two", "three", "four"]) await say(text);
    expect(texts(await read())).toEqual(["two", "three", "four"]);
  });

  it("R19: turned off, nobody writes or reads, and pages are told", async () => {
    await start({ "share-talk": "off" });
    expect(await session.message("welcome")).toMatchObject({ share: { talk: false } });
    expect(await say("x")).toMatchObject({ code: "DENIED" });
    expect(await session.ask("talk", {})).toMatchObject({ code: "DENIED" });
    expect((await server.api(`/api/share/${share.id}/talk`, { method: "POST", body: { text: "x" } })).status).toBe(403);
  });
});
