import { once } from "node:events";
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  type Audit,
  type CreatedShare,
  type Person,
  type Status,
  sessionClose,
  sessionSubprotocol,
} from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { SessionClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n", "src/b.py": "print('b')\n", ".env": "KEY=1\n" };

async function listening(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

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
    // Nothing of where it lies on the machine.
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

describe("the file that guests begin with", () => {
  const opened = async (server: SharingGateway, share: CreatedShare) => {
    const guest = await server.guest(share).enter();
    const session = await guest.session();
    const about = await guest.ask("about");
    expect(about.status).toBe(200);
    const { opens } = await session.message("welcome");
    // A question and its answer: everything that was to be said before has been said.
    await session.ask("stat", { path: "" });
    session.close();
    return { opens, heard: JSON.stringify([session.messages, about.body]) };
  };

  it.each([
    ["of a workspace", { permission: "view", opens: "src/b.py" }],
    ["of a folder", { permission: "edit", file: "src", opens: "src/b.py" }],
  ] as const)("%s is named in the welcome", async (_name, request) => {
    const server = await SharingGateway.start({ files });
    expect((await opened(server, await server.create(request))).opens).toBe("src/b.py");
  });

  it.each<[string, (folder: string) => void]>([
    ["was deleted", (folder) => rmSync(join(folder, "b.py"))],
    ["was renamed", (folder) => renameSync(join(folder, "b.py"), join(folder, "c.py"))],
    [
      "is a folder by now",
      (folder) => {
        rmSync(join(folder, "b.py"));
        mkdirSync(join(folder, "b.py"));
      },
    ],
    [
      "is a link to a hidden file by now",
      (folder) => {
        rmSync(join(folder, "b.py"));
        symlinkSync("../.env", join(folder, "b.py"));
      },
    ],
    [
      "is a link to a file outside by now",
      (folder) => {
        rmSync(join(folder, "b.py"));
        symlinkSync("/etc/passwd", join(folder, "b.py"));
      },
    ],
    [
      "lies in a git directory by now",
      (folder) => {
        for (const name of ["objects", "refs"]) mkdirSync(join(folder, name));
        writeFileSync(join(folder, "HEAD"), "ref: refs/heads/main\n");
        writeFileSync(join(folder, "config"), "[core]\n\tbare = true\n");
      },
    ],
  ])("R10: guests do not hear of it when it %s", async (_name, change) => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view", opens: "src/b.py" });
    change(join(server.workspace, "src"));
    const { opens, heard } = await opened(server, share);
    expect(opens).toBeUndefined();
    expect(heard).not.toContain("b.py");
    expect(heard).toContain("View Only");
  });

  it("R10: a change of the share does not name it either", async () => {
    const server = await SharingGateway.start({ files });
    const { share, guest } = await server.enter({ permission: "view", opens: "src/b.py" });
    rmSync(join(server.workspace, "src/b.py"));
    const session = await guest.session();
    await server.api(`/api/share/${share.id}`, { method: "PATCH", body: { expires_in: 60 } });
    const told = await session.message("share");
    expect(told.share.scope).toEqual({ kind: "workspace" });
    expect(JSON.stringify(session.messages)).not.toContain("b.py");
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

describe("R20: activity and idle guests", () => {
  const activity = async (server: SharingGateway) =>
    Date.parse(((await server.api("/api/status")).body as Status).last_activity);

  it.each([
    ["view", false],
    ["edit", true],
  ] as const)("input at %s counts: %s", async (permission, counts) => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission });
    const session = await guest.session();
    const before = await activity(server);
    await expect.poll(() => Date.now()).toBeGreaterThan(before + 5);
    await session.ask("presence", { path: null, visible: true, input: true });
    expect((await activity(server)) > before).toBe(counts);
  });

  it("what is refused to a View Only guest does not count", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view" });
    const before = await activity(server);
    await expect.poll(() => Date.now()).toBeGreaterThan(before + 5);
    expect((await guest.ask("ide/", { headers: { "sec-fetch-user": "?1" } })).status).toBe(403);
    expect(await activity(server)).toBe(before);
  });

  it("a page without input is put to sleep, one with input is not", async () => {
    const server = await SharingGateway.start({
      files,
      flags: { "share-limits": JSON.stringify({ free: 0, free_percent: 0, idle: 5 }) },
    });
    const { guest } = await server.enter({ permission: "view" });
    const [busy, idle] = [await guest.session(), await guest.session()];
    const failures: unknown[] = [];
    const input = setInterval(() => {
      busy.ask("presence", { path: null, visible: true, input: true }).catch((error) => failures.push(error));
    }, 100);
    onTestFinished(() => clearInterval(input));
    expect((await idle.closed).code).toBe(sessionClose.idle);
    expect(busy.socket.readyState).toBe(busy.socket.OPEN);
    expect(failures).toEqual([]);
  });
});

describe("revoke closes live sockets and whatever else is open", () => {
  it("sessions of all guests, also of one that does not answer the close", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const guests = await Promise.all(["A", "B", "C"].map((name) => server.guest(share).enter(name)));
    const sessions = await Promise.all(guests.map((guest) => guest.session()));
    const [silent] = guests;
    const raw = await rawUpgrade(server, silent?.cookie ?? "", `/share/${share.id}/api/session`);
    const { body } = await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    expect(body).toEqual({ revoked: 1, guests: 3 });
    for (const session of sessions) expect(await session.closed).toEqual({ code: 4411, reason: "revoked" });
    await raw.closed;
  });

  it("a download that is under way is cut", async () => {
    const server = await SharingGateway.start({
      files: { ...files, "large.bin": "" },
      flags: { "share-limits": JSON.stringify({ free: 0, free_percent: 0, file: 1_000_000_000 }) },
    });
    truncateSync(join(server.workspace, "large.bin"), 1_000_000_000);
    const { share, guest } = await server.enter({ permission: "view" });
    const { hostname, port } = new URL(server.url);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    let revoking: Promise<unknown> | undefined;
    httpRequest({ hostname, port, path: `${guest.path}files/large.bin`, headers: { cookie: guest.cookie ?? "" } })
      .on("response", (response) => {
        let bytes = 0;
        response.once("data", () => {
          revoking = server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
        });
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          // Slowly: it must not be over before it is cut.
          response.pause();
          setImmediate(() => response.resume());
        });
        response.on("close", () => resolve(bytes)).on("error", () => undefined);
      })
      .on("error", reject)
      .end();
    expect(await promise).toBeLessThan(1_000_000_000);
    await revoking;
  });

  it("Terminal Access: a port's WebSocket gets the reason, an endless answer is cut", async () => {
    const backend = createServer((_request, response) => response.write("endless\n"));
    new WebSocketServer({ server: backend });
    const port = await listening(backend);
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "terminal" });
    const socket = new SessionClient(guest.socket(`proxy/${port}/`));
    await new Promise((resolve) => socket.socket.once("open", resolve));
    const endless = guest.ask(`proxy/${port}/`).catch((error: Error) => error);
    // It counts once both are known to the gateway.
    await expect
      .poll(async () => ((await server.api("/api/status")).body as Status).connections)
      .toBeGreaterThanOrEqual(1);
    await server.api("/api/share/revoke", { method: "DELETE" });
    expect((await socket.closed).code).toBe(sessionClose.revoked);
    const ended = await endless;
    expect(ended instanceof Error || ended.status === 401).toBe(true);
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

/** A client that opens a session and then never answers anything; `closed` resolves when the server has cut it. */
async function rawUpgrade(server: SharingGateway, cookie: string, path: string) {
  const { hostname, port } = new URL(server.url);
  const { promise, resolve, reject } = Promise.withResolvers<{ closed: Promise<unknown> }>();
  httpRequest({
    hostname,
    port,
    path,
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-protocol": sessionSubprotocol,
      "sec-fetch-site": "same-origin",
      cookie,
    },
  })
    .on("upgrade", (_response, socket) => {
      socket.resume().on("error", () => undefined);
      resolve({ closed: once(socket, "close") });
    })
    .on("error", reject)
    .end();
  return promise;
}
