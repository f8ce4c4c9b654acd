import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Person } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import type { GuestClient, SessionClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

/** The gateway runs in this process: its descriptors and memory are ours. */
const descriptors = () => readdirSync("/proc/self/fd").length;
const files = { "a.txt": "alpha\n", "b.txt": "beta\n", "deep/deep/deep/deep/deep/c.txt": "gamma\n" };

/** The highest numbers of descriptors and bytes in use, and the longest time that the owner waited. */
async function during(server: SharingGateway, work: Promise<unknown>) {
  let most = 0;
  let rss = 0;
  let slowest = 0;
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const began = performance.now();
    expect((await server.api("/api/status")).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - began);
    most = Math.max(most, descriptors());
    rss = Math.max(rss, process.memoryUsage().rss);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await over;
  return { descriptors: most, rss, slowest };
}

async function closeToday(socket: WebSocket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("close", () => resolve());
  socket.terminate();
  await promise;
}

const ask = (session: SessionClient, id: number, method: string, params: object) =>
  session.socket.send(JSON.stringify({ type: "request", id, method, params }));

async function answersOf(session: SessionClient, count: number): Promise<void> {
  await expect
    .poll(() => session.messages.filter(({ type }) => type === "response" || type === "error").length, {
      timeout: 100_000,
    })
    .toBeGreaterThanOrEqual(count);
}

describe("R14: what one guest does costs the owner and other guests next to nothing", () => {
  it("of 20,000 presence messages one is handled, and others get the newest", {
    timeout: 300_000,
  }, async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const [eve, bob] = [await server.guest(share).enter("Eve"), await server.guest(share).enter("Bob")];
    const [flood, other] = [await eve.session(), await bob.session()];
    const before = { descriptors: descriptors(), rss: process.memoryUsage().rss };
    const began = performance.now();
    const paths = ["a.txt", "deep/deep/deep/deep/deep/c.txt"];
    for (let id = 0; id < 20_000; id += 1) {
      ask(flood, id, "presence", { path: paths[id % 2], visible: true, input: true });
    }
    const most = await during(
      server,
      other.ask("list", { path: "" }).then(() => answersOf(flood, 2_000)),
    );
    expect(most.descriptors - before.descriptors).toBeLessThan(100);
    expect(most.rss - before.rss).toBeLessThan(300_000_000);
    expect(most.slowest).toBeLessThan(5_000);
    // Bob gets at most ten messages a second, and his own requests are still answered.
    const told = other.messages.filter(({ type }) => type === "people").length;
    expect(told).toBeLessThanOrEqual(Math.ceil((performance.now() - began) / 100) + 2);
    expect(await other.ask("read", { path: "a.txt" })).toMatchObject({ content: "alpha\n" });
    await closeToday(flood.socket);
  });

  it("a page's last place is what others see, however fast it moved", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const [eve, bob] = [await server.guest(share).enter("Eve"), await server.guest(share).enter("Bob")];
    const [moving, other] = [await eve.session(), await bob.session()];
    for (let id = 0; id < 200; id += 1) {
      ask(moving, id, "presence", { path: id === 199 ? "b.txt" : "a.txt", visible: true, input: false });
    }
    const isThere = ({ name, path }: Person) => name === "Eve" && path === "b.txt";
    await other.find((message) => message.type === "people" && message.people.some(isThere));
  });

  it("a page that asks for much and reads nothing fills no memory and delays nobody", {
    timeout: 300_000,
  }, async () => {
    const server = await SharingGateway.start({ files: { ...files, "large.txt": "x".repeat(7_000_000) } });
    const share = await server.create({ permission: "view" });
    const [eve, bob] = [await server.guest(share).enter("Eve"), await server.guest(share).enter("Bob")];
    const [deaf, other] = [await eve.session(), await bob.session()];
    deaf.socket.pause();
    const before = { descriptors: descriptors(), rss: process.memoryUsage().rss };
    for (let id = 0; id < 400; id += 1) ask(deaf, id, "read", { path: "large.txt" });
    const reads = async () => {
      for (let count = 0; count < 20; count += 1)
        expect(await other.ask("read", { path: "a.txt" })).toHaveProperty("content");
    };
    const most = await during(server, reads());
    expect(most.descriptors - before.descriptors).toBeLessThan(100);
    expect(most.rss - before.rss).toBeLessThan(400_000_000);
    await closeToday(deaf.socket);
  });

  it("a View Only guest has nothing large to say", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    ask(session, 1, "read", { path: "x".repeat(200_000) });
    expect((await session.closed).code).toBe(1009);
    const { guest: editor } = await server.enter({ permission: "edit" });
    const writing = await editor.session();
    expect(
      await writing.ask("write", { path: "new.txt", base: null, content: "x".repeat(200_000), encoding: "utf8" }),
    ).toHaveProperty("version");
  });

  it("a guest has so many pages open, and no more", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view" });
    const pages = await Promise.all(Array.from({ length: 16 }, () => guest.session()));
    expect(await guest.upgrade("api/session")).toBe(429);
    await closeToday((pages[0] as SessionClient).socket);
    await expect.poll(() => guest.upgrade("api/session")).toBe(101);
  });

  it("merges of unrelated texts do not delay the owner's requests", { timeout: 300_000 }, async () => {
    const lines = (from: number) => Array.from({ length: 4_000 }, (_, index) => `line ${from + index * 7}`).join("\n");
    const server = await SharingGateway.start({ files: { "m.txt": lines(0) } });
    const { guest } = await server.enter({ permission: "edit" });
    const session = await guest.session();
    const read = await session.ask("read", { path: "m.txt" });
    const base = "version" in read ? String(read.version) : "";
    writeFileSync(join(server.workspace, "m.txt"), lines(3));
    const saves = Array.from({ length: 8 }, (_, number) =>
      session.ask("write", {
        path: "m.txt",
        base,
        content: lines(number + 10),
        encoding: "utf8",
        base_content: lines(0),
      }),
    );
    const most = await during(server, Promise.all(saves));
    expect(new Set((await Promise.all(saves)).map((answer) => ("code" in answer ? answer.code : "saved")))).toEqual(
      new Set(["CONFLICT"]),
    );
    expect(most.slowest).toBeLessThan(3_000);
  });

  it("five guests who search at once all get answers", async () => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view" });
    const guests = await Promise.all(["A", "B", "C", "D", "E"].map((name) => server.guest(share).enter(name)));
    const sessions = await Promise.all(guests.map((guest: GuestClient) => guest.session()));
    const answers = await Promise.all(
      sessions.flatMap((session) => [
        session.ask("find", { pattern: "a.txt" }),
        session.ask("find", { pattern: "c.txt" }),
        session.ask("search", { pattern: "alpha" }),
      ]),
    );
    for (const [index, answer] of answers.entries()) {
      expect(answer).toMatchObject(index % 3 === 2 ? { files: [{ path: "a.txt" }] } : { paths: [expect.any(String)] });
    }
  });
});

describe("R14: share-limits.file holds on every way", () => {
  const limits = { "share-limits": JSON.stringify({ free: 0, free_percent: 0, file: 1_000_000 }) };

  it("downloads, ranges of them, reads, searches in the file and saves", async () => {
    const server = await SharingGateway.start({
      files: { ...files, "large.txt": `needle\n${"x".repeat(1_000_000)}`, "fits.txt": "y".repeat(1_000_000) },
      flags: limits,
    });
    const { guest } = await server.enter({ permission: "edit" });
    for (const request of [
      {},
      { headers: { range: "bytes=0-9" } },
      { method: "HEAD" },
      { headers: { range: "bytes=-5" } },
    ]) {
      const answer = await guest.ask("files/large.txt", request);
      expect(answer.status).toBe(403);
      if (request.method !== "HEAD") expect(answer.body).toContain("larger than 1 MB");
      expect(answer.body).not.toContain("needle");
    }
    expect((await guest.ask("files/fits.txt")).body).toHaveLength(1_000_000);
    const session = await guest.session();
    expect((await session.message("welcome")).limits).toMatchObject({ file: 1_000_000, read: 1_000_000 });
    const tooLarge = { code: "TOO_LARGE", message: "The file is larger than 1 MB." };
    expect(await session.ask("read", { path: "large.txt" })).toMatchObject(tooLarge);
    expect(await session.ask("search", { pattern: "needle" })).toMatchObject({ files: [] });
    expect(await session.ask("search", { pattern: "needle", folder: "large.txt" })).toMatchObject(tooLarge);
    const content = "z".repeat(1_000_001);
    expect(await session.ask("write", { path: "new.txt", base: null, content, encoding: "utf8" })).toMatchObject(
      tooLarge,
    );
    expect(readdirSync(server.workspace)).not.toContain("new.txt");
  });

  it("a single file that is shared is held to it, too", async () => {
    const server = await SharingGateway.start({
      files: { "large.txt": `needle\n${"x".repeat(1_000_000)}` },
      flags: limits,
    });
    const { guest } = await server.enter({ permission: "view", file: "large.txt" });
    expect((await guest.ask("files/large.txt")).status).toBe(403);
    const session = await guest.session();
    expect(await session.ask("search", { pattern: "needle" })).toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("R9, R11, R13: two shares with different roots act on the same files in order", () => {
  async function twoRoots() {
    const server = await SharingGateway.start({ files: { "inner/text.txt": "0\n", "inner/x": "" } });
    mkdirSync(join(server.workspace, "inner", "repo"));
    const outer = await server.enter({ permission: "edit" });
    const inner = await server.enter({ permission: "edit", root: join(server.workspace, "inner") });
    return { server, outer: await outer.guest.session(), inner: await inner.guest.session() };
  }

  it("saves of one file: each is based on the last, or a conflict; none is lost", async () => {
    const { server, outer, inner } = await twoRoots();
    const append = async (session: SessionClient, path: string, name: string) => {
      for (let count = 0; count < 15; ) {
        const read = await session.ask("read", { path });
        if (!("content" in read)) throw new Error(JSON.stringify(read));
        const content = `${read.content}${name} ${count}\n`;
        const saved = await session.ask("write", { path, base: read.version, content, encoding: "utf8" });
        if ("version" in saved && !("code" in saved)) count += 1;
      }
    };
    await Promise.all([append(outer, "inner/text.txt", "outer"), append(inner, "text.txt", "inner")]);
    const last = await inner.ask("read", { path: "text.txt" });
    const lines = "content" in last ? last.content.trim().split("\n") : [];
    for (const name of ["outer", "inner"]) {
      expect(lines.filter((line) => line.startsWith(name))).toEqual(
        Array.from({ length: 15 }, (_, count) => `${name} ${count}`),
      );
    }
    expect(readdirSync(join(server.workspace, "inner")).filter((name) => name.includes("waiide"))).toEqual([]);
  });

  it("what git takes for a repository is not made by two of them at once", async () => {
    const { server, outer, inner } = await twoRoots();
    for (let round = 0; round < 25; round += 1) {
      const folder = `repo/${round}`;
      await inner.ask("create", { path: folder, kind: "folder" });
      await Promise.all([
        outer.ask("create", { path: `inner/${folder}/objects`, kind: "folder" }),
        inner.ask("create", { path: `${folder}/refs`, kind: "folder" }),
        outer.ask("create", { path: `inner/${folder}/HEAD`, kind: "file" }),
        inner.ask("create", { path: `${folder}/HEAD`, kind: "file" }),
      ]);
      const made = readdirSync(join(server.workspace, "inner", folder));
      expect(made.length).toBeLessThan(3);
    }
  });
});
