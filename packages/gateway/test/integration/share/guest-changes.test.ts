import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GuestChanges, Method, Original, Params, Result } from "@waiide/protocol";
import { expect, it } from "vitest";
import type { SessionClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

async function changesOf(server: SharingGateway, share: string): Promise<GuestChanges> {
  return (await server.api(`/api/share/${share}/changes`)).body as GuestChanges;
}

async function ask<M extends Method>(session: SessionClient, method: M, params: Params<M>): Promise<Result<M>> {
  const answer = await session.ask(method, params);
  if (typeof answer === "object" && "code" in answer) throw new Error(`${answer.code}: ${answer.message}`);
  return answer;
}

async function originalOf(server: SharingGateway, share: string, path: string): Promise<Original | number> {
  const { status, body } = await server.api(`/api/share/${share}/original?path=${encodeURIComponent(path)}`);
  return status === 200 ? (body as Original) : status;
}

it("R11: what guests changed is listed with its original, also after a restart", async () => {
  const server = await SharingGateway.start({
    files: { "a.txt": "one\n", "gone.txt": "bye\n", "b/deep.txt": "deep\n" },
  });
  const { share, guest } = await server.enter({ permission: "edit" }, "Eve");
  const session = await guest.session();
  const first = await ask(session, "read", { path: "a.txt" });
  const second = await ask(session, "write", {
    path: "a.txt",
    base: first.version,
    content: "two\n",
    encoding: "utf8",
  });
  await ask(session, "write", { path: "a.txt", base: second.version, content: "three\n", encoding: "utf8" });
  await ask(session, "write", { path: "new.txt", base: null, content: "new\n", encoding: "utf8" });
  await ask(session, "rename", { from: "a.txt", to: "moved.txt" });
  await ask(session, "delete", { path: "gone.txt" });

  const expected = {
    root: server.workspace,
    changes: [
      { path: "gone.txt", what: "deleted", original: true },
      { path: "a.txt", what: "renamed", to: "moved.txt", original: true },
      { path: "new.txt", what: "created", original: true },
    ].map((change) => ({
      ...change,
      edits: "guests",
      changed_since: false,
      at: expect.any(String),
      who: expect.stringMatching(/^Eve \(/),
    })),
    total: 3,
  };
  expect(await changesOf(server, share.id)).toEqual(expected);
  expect(await originalOf(server, share.id, "a.txt")).toEqual({ text: "one\n" });
  expect(await originalOf(server, share.id, "moved.txt")).toEqual({ text: "one\n" });
  expect(await originalOf(server, share.id, "new.txt")).toEqual({ text: "" });
  expect(await originalOf(server, share.id, "gone.txt")).toEqual({ text: "bye\n" });

  await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
  await server.restart();
  expect(await changesOf(server, share.id)).toEqual(expected);
  expect(await originalOf(server, share.id, "a.txt")).toEqual({ text: "one\n" });
});

it("R11: a look changes nothing: without a guest's change there is nothing to compare", async () => {
  const server = await SharingGateway.start({ files: { "a.txt": "one\n" } });
  const { share, guest } = await server.enter({ permission: "view" });
  const session = await guest.session();
  await ask(session, "read", { path: "a.txt" });
  expect((await changesOf(server, share.id)).changes).toEqual([]);
  expect(await originalOf(server, share.id, "a.txt")).toBe(404);
  expect(await originalOf(server, share.id, "../../../etc/passwd")).toBe(404);
  expect((await server.api("/api/share/none/changes")).status).toBe(404);
});

it("R4, R10: originals are private to the owner, even in a shared home folder", async () => {
  const server = await SharingGateway.start({ files: { "a.txt": "secret\n" } });
  const { share, guest } = await server.enter({ permission: "edit", root: server.home, confirm: true });
  const session = await guest.session();
  const { version } = await ask(session, "read", { path: "workspace/a.txt" });
  await ask(session, "write", { path: "workspace/a.txt", base: version, content: "x\n", encoding: "utf8" });
  const folder = join(server.dataFolder, "originals", share.id);
  const [name = ""] = readdirSync(folder);
  expect(readFileSync(join(folder, name), "utf8")).toBe("secret\n");
  expect([statSync(folder).mode & 0o777, statSync(join(folder, name)).mode & 0o777]).toEqual([0o700, 0o600]);
  const path = `data/gateway/_/originals/${share.id}/${name}`;
  expect(await session.ask("read", { path })).toMatchObject({ code: "NOT_FOUND" });
  expect((await guest.ask(`/api/share/${share.id}/changes`)).status).toBe(401);
  expect((await guest.ask(`/api/share/${share.id}/original?path=workspace/a.txt`)).status).toBe(401);
});

it("a save succeeds even if the original cannot be kept; the log says so", async () => {
  const lines: string[] = [];
  const server = await SharingGateway.start({ files: { "a.txt": "one\n" }, log: (line) => lines.push(line) });
  const { share, guest } = await server.enter({ permission: "edit" });
  const folder = join(server.dataFolder, "originals");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(server.dataFolder, { recursive: true });
  writeFileSync(folder, "in the way");
  const session = await guest.session();
  const { version } = await ask(session, "read", { path: "a.txt" });
  await ask(session, "write", { path: "a.txt", base: version, content: "two\n", encoding: "utf8" });
  expect(readFileSync(join(server.workspace, "a.txt"), "utf8")).toBe("two\n");
  expect(lines.join("")).toContain("cannot be compared later");
  expect((await changesOf(server, share.id)).changes).toMatchObject([{ path: "a.txt", original: false }]);
});

it("R11: originals come back byte by byte; guests cannot change non-UTF-8 text", async () => {
  const server = await SharingGateway.start({ files: { "a.txt": "", "b.bin": "" } });
  const latin = Buffer.from("caf\xe9 \xff\n", "latin1");
  const binary = Buffer.from([0, 0xff, 0xfe, 0x80, 0x0a]);
  writeFileSync(join(server.workspace, "a.txt"), latin);
  writeFileSync(join(server.workspace, "b.bin"), binary);
  const { share, guest } = await server.enter({ permission: "edit" });
  const session = await guest.session();
  const read = await ask(session, "read", { path: "a.txt" });
  expect(read).toMatchObject({ writable: false, read_only: "encoding", encoding: "base64" });
  const save = { path: "a.txt", base: read.version, content: latin.toString("utf8"), encoding: "utf8" } as const;
  expect(await session.ask("write", save)).toMatchObject({ code: "DENIED", message: expect.stringContaining("UTF-8") });
  expect(readFileSync(join(server.workspace, "a.txt"))).toEqual(latin);
  const { version } = await ask(session, "read", { path: "b.bin" });
  const content = Buffer.from([1, 0, 0xff]).toString("base64");
  await ask(session, "write", { path: "b.bin", base: version, content, encoding: "base64" });
  await ask(session, "delete", { path: "a.txt" });
  expect(await originalOf(server, share.id, "a.txt")).toEqual({ text: null, base64: latin.toString("base64") });
  expect(await originalOf(server, share.id, "b.bin")).toEqual({ text: null, base64: binary.toString("base64") });
});

it("R11: a recreated file keeps its original; a renamed one has its new name", async () => {
  const server = await SharingGateway.start({ files: { "a.txt": "one\n", "b.txt": "two\n" } });
  const { share, guest } = await server.enter({ permission: "edit" });
  const session = await guest.session();
  await ask(session, "delete", { path: "a.txt" });
  await ask(session, "write", { path: "a.txt", base: null, content: "anew\n", encoding: "utf8" });
  await ask(session, "write", { path: "own.txt", base: null, content: "own\n", encoding: "utf8" });
  await ask(session, "delete", { path: "own.txt" });
  await ask(session, "write", { path: "own.txt", base: null, content: "own again\n", encoding: "utf8" });
  await ask(session, "rename", { from: "b.txt", to: "c.txt" });
  const { version } = await ask(session, "read", { path: "c.txt" });
  await ask(session, "write", { path: "c.txt", base: version, content: "three\n", encoding: "utf8" });
  expect((await changesOf(server, share.id)).changes).toMatchObject([
    { path: "c.txt", what: "changed", original: true },
    { path: "b.txt", what: "renamed", to: "c.txt", original: true },
    { path: "a.txt", what: "changed", original: true },
    { path: "own.txt", what: "created" },
  ]);
  expect(await originalOf(server, share.id, "a.txt")).toEqual({ text: "one\n" });
  expect(await originalOf(server, share.id, "c.txt")).toEqual({ text: "two\n" });
});
