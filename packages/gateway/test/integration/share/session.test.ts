import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Audit, type Person, sessionClose } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { SessionClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n", "src/b.py": "print('b')\n", ".env": "KEY=1\n" };

describe("DESIGN §3.5: the session", () => {
  it("welcomes with the guest's name, the share and the time left", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "edit", expires_in: 3600, file: "src/b.py", line: 1 });
    const { you, share, limits } = await (await guest.session()).message("welcome");
    expect(you).toMatchObject({ name: "Bob", level: "edit", path: null });
    expect(share).toMatchObject({
      permission: "Full Access",
      scope: { kind: "file", path: "src/b.py", line: 1 },
      root_name: "workspace",
    });
    expect(share.time_left).toBeGreaterThan(3_500_000);
    expect(limits).toMatchObject({ requests: 8 });
    // No path of the machine.
    expect(JSON.stringify([you, share])).not.toContain(server.home);
  });

  it("changes of others arrive with their session, the owner's without", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "edit" });
    const [bob, carol] = [await server.guest(share).enter("Bob"), await server.guest(share).enter("Carol")];
    const [one, other] = [await bob.session(), await carol.session()];
    await one.ask("watch", { path: "" });
    const read = await other.ask("read", { path: "a.txt" });
    const base = "content" in read ? read.version : "";
    await other.ask("write", { path: "a.txt", base, content: "by Carol\n", encoding: "utf8" });
    const carols = (await other.message("welcome")).you.session;
    const told = await one.find(
      (message) => message.type === "changes" && message.changes.some(({ path }) => path === "a.txt"),
    );
    expect(told).toMatchObject({ changes: [{ path: "a.txt", kind: "changed", origin: carols }] });
    writeFileSync(join(server.workspace, "new.txt"), "by the owner");
    const owners = await one.find(
      (message) => message.type === "changes" && message.changes.some(({ path }) => path === "new.txt"),
    );
    expect(JSON.stringify(owners)).not.toContain("origin");
  });

  it.each([
    ["no JSON", "hello"],
    ["another type", JSON.stringify({ type: "response", id: 1, result: {} })],
    ["no id", JSON.stringify({ type: "request", method: "list", params: { path: "" } })],
    ["a further field", JSON.stringify({ type: "request", id: 1, method: "list", params: { path: "" }, as: "owner" })],
    ["binary, which is reserved", Buffer.from([1, 2, 3])],
  ])("unknown opcode: %s ends only this session", async (_name, message) => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "edit" });
    const [bad, good] = [await guest.session(), await guest.session()];
    bad.socket.send(message);
    expect((await bad.closed).code).toBe(sessionClose.protocol);
    expect(await good.ask("list", { path: "" })).toHaveProperty("entries");
  });

  it.each([
    ["an unknown request", "format", {}],
    ["a property of Object", "__proto__", {}],
    ["another", "constructor", {}],
    ["missing parameters", "read", {}],
    ["parameters of another kind", "read", { path: 1 }],
    ["further parameters", "read", { path: "a.txt", level: "terminal" }],
    ["a prototype in them", "read", JSON.parse('{"path": "a.txt", "__proto__": {"level": "terminal"}}')],
  ])("%s is an error of this request", async (_name, method, params) => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    expect(await session.ask(method as "read", params as { path: string })).toMatchObject({ code: "INVALID" });
    expect(await session.ask("stat", { path: "a.txt" })).toMatchObject({ name: "a.txt" });
  });

  it("R14: no more requests at once than permitted, and no id twice", async () => {
    const server = await SharingGateway.start({
      files,
      flags: { "share-limits": JSON.stringify({ free: 0, free_percent: 0, requests: 1 }) },
    });
    const { guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    const answers = await Promise.all([
      session.ask("search", { pattern: "alpha" }),
      session.ask("read", { path: "a.txt" }),
    ]);
    expect(answers[1]).toMatchObject({ code: "BUSY" });
    expect(answers[0]).toHaveProperty("files");
  });

  it("a page of another protocol version is not let in", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view" });
    const session = new SessionClient(guest.socket("api/session", ["waiide-session-0"]));
    expect((await session.closed).code).toBe(1006);
  });
});

describe("awareness forgery (Hocuspocus, suitenumerique/docs #2544)", () => {
  it("session, name, colour and level are the gateway's, whatever a page says", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const [bob, eve] = [await server.guest(share).enter("Bob"), await server.guest(share).enter("Eve")];
    const [one, other] = [await bob.session(), await eve.session()];
    const { you } = await other.message("welcome");
    const forged = {
      path: "a.txt",
      visible: true,
      input: false,
      session: "x",
      name: "Bob",
      color: "#fff",
      level: "edit",
    };
    expect(await other.ask("presence", forged)).toMatchObject({ code: "INVALID" });
    await other.ask("presence", { path: "a.txt", visible: true, input: false });
    const seen = (message: unknown) => (message as { people?: Person[] }).people?.find(({ name }) => name === "Eve");
    const people = await one.find((message) => message.type === "people" && seen(message)?.path === "a.txt");
    expect(seen(people)).toEqual({ ...you, path: "a.txt" });
  });

  it("presence never shows a guest in a file that they cannot see", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view", file: "src" });
    const session = await guest.session();
    for (const path of [".env", "a.txt", "../x", "src/none"]) {
      await session.ask("presence", { path, visible: true, input: false });
    }
    await session.ask("presence", { path: "src/b.py", visible: true, input: false });
    await session.find(
      (message) => message.type === "people" && message.people.some(({ path }) => path === "src/b.py"),
    );
    const paths = session.messages.flatMap((one) => (one.type === "people" ? one.people.map(({ path }) => path) : []));
    expect(new Set([null, ...paths])).toEqual(new Set([null, "src/b.py"]));
  });
});

describe("OCT's client-only read-only", () => {
  it("a page that ignores its level is refused; the disk stays unchanged", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    const read = await session.ask("read", { path: "a.txt" });
    const base = "content" in read ? read.version : "";
    expect(await session.ask("write", { path: "a.txt", base, content: "x", encoding: "utf8" })).toMatchObject({
      code: "DENIED",
    });
    expect(await session.ask("read", { path: "a.txt" })).toMatchObject({ content: "alpha\n", version: base });
  });
});

it("Live Share #1946: a View Only guest never gets near a terminal, by no door", async () => {
  const server = await SharingGateway.start({ files });
  const { guest } = await server.enter({ permission: "view" });
  for (const path of ["ide/", "ide/stable-0/static/out/vs/x.js", "proxy/8071/", "absproxy/8071/", "ide/?token=x"]) {
    expect((await guest.ask(path)).status, path).toBe(403);
    expect(await guest.upgrade(path), path).toBe(403);
  }
});

it("refusals reach the audit, counted", async () => {
  const server = await SharingGateway.start({ files });
  const { guest } = await server.enter({ permission: "view" });
  for (let count = 0; count < 3; count += 1) await guest.ask("ide/");
  await server.restart();
  const { entries } = (await server.api("/api/share/audit")).body as Audit;
  expect(entries[0]).toMatchObject({ event: "refuse", details: { count: 3 } });
});
