import pino from "pino";
import { describe, expect, it } from "vitest";
import type { HubAnswer } from "../../../src/hub/client.ts";
import { Notices } from "../../../src/hub-service/notices.ts";
import { ShareAdministration } from "../../../src/hub-service/share-administration.ts";
import { overview } from "../../support/shared-servers.ts";

const root = { name: "root", scopes: ["custom:waiide:admin"] };
const tess = { name: "tess", scopes: ["custom:waiide:admin!user=bob"] };

/** A hub where alice has three servers, of which one is foreign and one silent, and bob has one. */
function setUp() {
  const revoked: string[] = [];
  const names = { alice: ["", "lab", "slow"], bob: [""] };
  const items = Object.entries(names).map(([name, servers]) => ({
    name,
    servers: Object.fromEntries(servers.map((server) => [server, { ready: true, url: `/user/${name}/${server}` }])),
  }));
  const answer: HubAnswer = { kind: "ok", status: 200, body: { items, _pagination: { next: null } }, date: undefined };
  const administration = new ShareAdministration({
    hub: { request: async () => answer },
    token: "token",
    logger: pino({ level: "silent" }),
    atOnce: 4,
    maxSurveyTime: 1_000,
    client: {
      overview: async () => ({ kind: "ok", body: overview() }),
      revoke: async ({ user, name }, administrator, share) => {
        revoked.push(`${administrator}: ${user}/${name} ${share ?? "all"}`);
        if (name === "lab") return { kind: "foreign", reason: "it answers 404, which is not an answer of WAIIDE" };
        if (name === "slow") return { kind: "silent", reason: "no answer in 3 s" };
        return { kind: "ok", body: { revoked: share === undefined ? 2 : 1, guests: 1 } };
      },
    },
  });
  return { administration, revoked };
}

describe("ending shares", () => {
  it("one share: only its server is asked", async () => {
    const { administration, revoked } = setUp();
    const notice = await administration.end(root, { kind: "share", user: "alice", name: "", share: "s1" });
    expect(notice).toEqual({ isGood: true, lines: ["1 share of alice revoked, 1 guest disconnected."] });
    expect(revoked).toEqual(["root: alice/ s1"]);
  });

  it("all of a user's: every server is asked, and failures are reported", async () => {
    const { administration, revoked } = setUp();
    const notice = await administration.end(root, { kind: "user", user: "alice" });
    expect(notice.isGood).toBe(false);
    expect(notice.lines).toEqual([
      "2 shares of alice revoked, 1 guest disconnected.",
      "The server “slow” of alice: no answer in 3 s",
    ]);
    expect(revoked).toEqual(["root: alice/ all", "root: alice/lab all", "root: alice/slow all"]);
  });

  it("R2: servers that a user may not manage are not asked, and look absent", async () => {
    const { administration, revoked } = setUp();
    const refused = await administration.end(tess, { kind: "user", user: "alice" });
    expect(refused.lines).toEqual(["alice has no such server now, or you may not manage it."]);
    expect(await administration.end(tess, { kind: "share", user: "alice", name: "", share: "s1" })).toEqual(refused);
    const never = await administration.end(root, { kind: "user", user: "nobody" });
    expect(never.lines).toEqual(["nobody has no such server now, or you may not manage it."]);
    expect(revoked).toEqual([]);
    expect((await administration.look(tess)).map(({ server }) => server.user)).toEqual(["bob"]);
    expect((await administration.end(tess, { kind: "user", user: "bob" })).isGood).toBe(true);
  });
});

describe("notices", () => {
  it("are shown once, and only to their recipient", () => {
    const notices = new Notices();
    const notice = { isGood: true, lines: ["done"] };
    const id = notices.keep(notice, "root");
    expect(notices.take(id, "tess")).toBeUndefined();
    expect(notices.take("made-up", "root")).toBeUndefined();
    expect(notices.take(null, "root")).toBeUndefined();
    expect(notices.take(id, "root")).toBe(notice);
    expect(notices.take(id, "root")).toBeUndefined();
  });

  it("are forgotten when nobody comes for many", () => {
    const notices = new Notices();
    const first = notices.keep({ isGood: true, lines: [] }, "root");
    for (let number = 0; number < 200; number += 1) notices.keep({ isGood: true, lines: [] }, "root");
    expect(notices.take(first, "root")).toBeUndefined();
  });
});
