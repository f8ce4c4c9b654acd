import { type Audit, type CopyTicket, copyTargetHeader } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import type { GuestClient } from "../../../support/guest-client.ts";
import { PlainHub } from "../../../support/plain-hub.ts";
import { SharingGateway, type SharingOptions } from "../../../support/sharing-gateway.ts";

const copy = { files: true, settings: [], extensions: true };
const to = "/user/bob/copy/return?state=abc";

/** A server of a hub, with two shares that may be copied and a guest of the first. */
async function shared(flags: SharingOptions["flags"] = {}) {
  const hub = await PlainHub.start("ana");
  onTestFinished(() => hub.close());
  const environment = hub.environmentOf({ user: "ana", prefix: "/user/ana/" });
  const lines: string[] = [];
  const server = await SharingGateway.start({
    files: { "a.txt": "alpha\n" },
    environment,
    flags: { auth: undefined, token: undefined, port: undefined, ...flags },
    log: (line) => void lines.push(line),
  });
  const share = await server.create({ permission: "view", copy });
  const guest = server.guest(share);
  await (flags["share-hub-users-only"] === true ? guest.enterAs("bob@x") : guest.enter());
  return { server, lines, share, guest };
}

async function ticketOf(guest: GuestClient, target = to): Promise<CopyTicket> {
  const { status, body } = await guest.ask("copy-ticket", { method: "POST", body: { to: target } });
  expect([status, body]).toEqual([200, expect.any(String)]);
  return JSON.parse(body) as CopyTicket;
}

/** As the recipient's server asks: without cookies. */
function redeem(
  guest: GuestClient,
  path: string,
  { ticket, to: target }: Pick<CopyTicket, "ticket" | "to">,
  method = "GET",
) {
  const headers = { authorization: `Bearer ${ticket}`, [copyTargetHeader]: target };
  return guest.ask(path, { method, anonymous: true, headers });
}

describe("R28: tickets for copies", () => {
  it("one ticket reads the description, and one archive once", async () => {
    const { guest } = await shared();
    const ticket = await ticketOf(guest);
    expect(ticket).toMatchObject({ to, ticket: expect.stringMatching(/^wct_[\w-]{43}$/) });
    for (const path of ["copy.json", "copy.json"]) expect((await redeem(guest, path, ticket)).status).toBe(200);
    expect((await redeem(guest, "archive.tar.gz", ticket, "HEAD")).status).toBe(200);
    expect((await redeem(guest, "archive.tar.gz", ticket)).status).toBe(200);
    for (const path of ["archive.tar.gz", "archive.zip", "copy.json"]) {
      const { status, body } = await redeem(guest, path, ticket);
      expect([status, JSON.parse(body).error.code]).toEqual([401, "SHARE_COPY_TICKET"]);
    }
  });

  it("it opens nothing else, at no other share, and for no other target", async () => {
    const { server, guest } = await shared();
    const { guest: other } = await server.enter({ permission: "view", copy });
    const ticket = await ticketOf(guest);
    for (const path of ["files/a.txt", "about", "", "repo.git/info/refs?service=git-upload-pack"]) {
      const { status, body } = await redeem(guest, path, ticket);
      expect(status === 401 || (status === 200 && !body.includes("alpha")), path).toBe(true);
    }
    expect((await redeem(guest, "changes.patch", ticket)).status).toBe(403);
    expect((await redeem(other, "archive.zip", ticket)).status).toBe(401);
    for (const wrong of ["/user/eve/copy/return?state=abc", "/user/bob/copy/return", ""]) {
      expect((await redeem(guest, "archive.zip", { ...ticket, to: wrong })).status).toBe(401);
    }
    expect((await guest.ask("archive.zip", { headers: { authorization: "Bearer wct_wrong" } })).status).toBe(401);
    expect((await redeem(guest, "archive.zip", ticket)).status).toBe(200);
  });

  it("it ends with the guest's session, and with the share", async () => {
    const { server, share, guest } = await shared();
    const { guest: second } = { guest: await server.guest(share).enter("Carl") };
    const [first, rest] = [await ticketOf(guest), await ticketOf(second)];
    await guest.ask("leave", { method: "POST" });
    expect((await redeem(guest, "copy.json", first)).status).toBe(401);
    expect((await redeem(second, "copy.json", rest)).status).toBe(200);
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    expect((await redeem(second, "copy.json", rest)).status).toBe(401);
  });

  it("the audit says where a copy went; no log, audit or error has the ticket", async () => {
    const { server, guest, lines } = await shared();
    const ticket = await ticketOf(guest);
    await redeem(guest, "archive.zip", ticket);
    await redeem(guest, "archive.zip", ticket);
    const { entries } = (await server.api("/api/share/audit")).body as Audit;
    expect(entries.map(({ event }) => event)).toEqual(expect.arrayContaining(["send-copy", "take"]));
    expect(entries.find(({ event }) => event === "send-copy")?.details).toEqual({ to: "bob" });
    expect(JSON.stringify(entries) + lines.join("")).not.toContain("wct_");
  });

  it("a share without a copy gives none, nor does a page of another origin", async () => {
    const { server, guest } = await shared();
    const { guest: without } = await server.enter({ permission: "view" });
    expect((await without.ask("copy-ticket", { method: "POST", body: { to } })).status).toBe(403);
    const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    expect((await guest.ask("copy-ticket", { method: "POST", body: { to }, headers: foreign })).status).toBe(403);
    const page = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
    expect((await guest.ask("copy-ticket", { method: "POST", body: { to }, headers: page })).status).toBe(403);
  });

  it("R30: an address that is no server's page for copies at this hub gets none", async () => {
    const { guest } = await shared();
    for (const wrong of [
      "//evil.example/user/bob/copy/return",
      "/user/bob/",
      "https://evil.example/user/bob/copy/return",
    ]) {
      const { status, body } = await guest.ask("copy-ticket", { method: "POST", body: { to: wrong } });
      expect([status, JSON.parse(body).error.field], wrong).toEqual([400, "to"]);
    }
  });
});

describe("the page for copies", () => {
  const named = { "share-hub-users-only": true };
  const opened = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

  it("leads a guest to their own server, and to the archives", async () => {
    const { guest, share } = await shared();
    const { status, body } = await guest.ask("copy", { headers: opened });
    expect(status).toBe(200);
    const from = encodeURIComponent(`/user/ana/share/${share.id}/`);
    expect(body).toContain(`href="/hub/user-redirect/copy?from=${from}"`);
    const [, link] = /href="([^"]*archive\.zip)"/.exec(body) ?? [];
    const download = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect((await guest.ask(link ?? "", { headers: download })).status).toBe(200);
  });

  it("R30: leads users of the hub to a server with the owner's profile, where it is listed", async () => {
    const listed = { ...named, "copy-profile": "GPU_large", "share-copy-profiles": "small,GPU_large" };
    const { guest, share } = await shared(listed);
    const { body } = await guest.ask("copy", { headers: opened });
    const [, href = ""] = /href="([^"]*)">Make My Own Copy with This Profile/.exec(body) ?? [];
    const address = new URL(href.replaceAll("&amp;", "&"), "http://hub");
    expect(address.pathname).toBe("/hub/spawn/bob%40x/copy-gpu-large");
    const from = encodeURIComponent(`/user/ana/share/${share.id}/`);
    expect(Object.fromEntries(address.searchParams)).toEqual({
      "opt-profile": "GPU_large",
      profile: "GPU_large",
      next: `/user/bob%40x/copy-gpu-large/copy?from=${from}`,
    });
    expect(JSON.parse((await guest.ask("copy.json")).body)).toMatchObject({ profile: "GPU_large" });
  });

  it.each([
    ["not listed", { ...named, "copy-profile": "large", "share-copy-profiles": "small" }],
    ["not known", { ...named, "share-copy-profiles": "small" }],
    ["known, and none is listed", { ...named, "copy-profile": "large" }],
    // The address needs the name.
    ["for guests without a name at the hub", { "copy-profile": "large", "share-copy-profiles": "large" }],
  ])("names no profile that is %s", async (_what, flags) => {
    const { guest } = await shared(flags);
    const { body } = await guest.ask("copy", { headers: opened });
    expect([body.includes("user-redirect"), body.includes("hub/spawn")]).toEqual([true, false]);
  });

  it("asks before a copy goes to a server, and says whose it is", async () => {
    const { guest } = await shared();
    const { status, body } = await guest.ask(`copy?to=${encodeURIComponent(to)}`, { headers: opened });
    expect([status, body]).toEqual([200, expect.stringContaining("The server of <strong>bob</strong>")]);
    const wrong = await guest.ask(`copy?to=${encodeURIComponent("https://evil.example/")}`, { headers: opened });
    expect(wrong.status).toBe(400);
  });

  it("sends people who are not in to the share's page, which leads back", async () => {
    const { guest } = await shared();
    const asked = { anonymous: true, headers: opened };
    const { status, headers } = await guest.ask(`copy?to=${encodeURIComponent(to)}`, asked);
    expect([status, headers.location]).toEqual([303, `${guest.path}?to=${encodeURIComponent(to)}`]);
    expect((await guest.ask("copy", { anonymous: true })).status).toBe(401);
  });

  it("is in no frame, and answers no request of a script", async () => {
    const { guest } = await shared();
    const framed = { ...opened, "sec-fetch-dest": "iframe" };
    expect((await guest.ask("copy", { headers: framed })).status).toBe(403);
    const { headers } = await guest.ask("copy", { headers: opened });
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  });
});
