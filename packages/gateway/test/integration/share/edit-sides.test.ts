import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GuestChange, GuestChanges, Method, Original, Params, Result, WithoutGuests } from "@waiide/protocol";
import { expect, it } from "vitest";
import type { SessionClient } from "../../support/guest-client.ts";
import { LiveGuest } from "../../support/live-guest.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const lines = (...changed: string[]) => ["one", "two", "three", "four", "five", ...changed].join("\n");

/** A gateway with one shared file, which a guest and other programs write. */
class SharedFile {
  readonly server: SharingGateway;
  readonly share: string;
  readonly session: SessionClient;

  constructor(server: SharingGateway, share: string, session: SessionClient) {
    this.server = server;
    this.share = share;
    this.session = session;
  }

  static async open(content: string | Buffer): Promise<SharedFile> {
    const server = await SharingGateway.start({ files: { "a.txt": "" } });
    writeFileSync(join(server.workspace, "a.txt"), content);
    const { share, guest } = await server.enter({ permission: "edit" }, "Eve");
    return new SharedFile(server, share.id, await guest.session());
  }

  get disk(): string {
    return readFileSync(join(this.server.workspace, "a.txt"), "utf8");
  }

  owner(content: string | Buffer): void {
    writeFileSync(join(this.server.workspace, "a.txt"), content);
  }

  async ask<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const answer = await this.session.ask(method, params);
    if (typeof answer === "object" && "code" in answer) throw new Error(`${answer.code}: ${answer.message}`);
    return answer;
  }

  async guest(content: string, encoding: "utf8" | "base64" = "utf8"): Promise<void> {
    const { version } = await this.ask("read", { path: "a.txt" });
    await this.ask("write", { path: "a.txt", base: version, content, encoding });
  }

  async change(): Promise<GuestChange | undefined> {
    const { body } = await this.server.api(`/api/share/${this.share}/changes`);
    return (body as GuestChanges).changes.find(({ path, to }) => (to ?? path) === "a.txt");
  }

  async kept(version: string): Promise<string | number> {
    const { status, body } = await this.server.api(`/api/share/${this.share}/original?path=a.txt&version=${version}`);
    return status === 200 ? ((body as Original).text ?? "") : status;
  }

  async without(now: Original | null = { text: this.disk }, path = "a.txt"): Promise<WithoutGuests> {
    const body = { path, now };
    const answer = await this.server.api(`/api/share/${this.share}/without-guests`, { method: "POST", body });
    expect(answer.status).toBe(200);
    return answer.body as WithoutGuests;
  }
}

it("R11: the owner's later edits are told apart and stay when guests' are taken back", async () => {
  const file = await SharedFile.open(lines());
  await file.guest(lines().replace("two", "TWO by Eve"));
  expect(await file.change()).toMatchObject({ edits: "guests", changed_since: false });
  expect(await file.without()).toEqual({ kind: "apart", content: { text: lines() } });

  file.owner(file.disk.replace("five", "five by the owner"));
  expect(await file.change()).toMatchObject({ edits: "both", changed_since: true });
  expect(await file.kept("others")).toBe(lines());
  expect(await file.kept("guests")).toBe(lines().replace("two", "TWO by Eve"));
  const mine = lines().replace("five", "five by the owner");
  expect(await file.without()).toEqual({ kind: "apart", content: { text: mine } });
  expect(file.disk).toBe(mine.replace("two", "TWO by Eve"));

  await file.server.restart();
  expect(await file.change()).toMatchObject({ edits: "both", changed_since: true });
  expect(await file.without()).toEqual({ kind: "apart", content: { text: mine } });
  // What an editor has unsaved counts as well.
  const unsaved = { text: file.disk.replace("four", "four, unsaved") };
  expect(await file.without(unsaved)).toEqual({
    kind: "apart",
    content: { text: mine.replace("four", "four, unsaved") },
  });
});

it("R11: edits in turns, guest, owner, guest, are told apart step by step", async () => {
  const file = await SharedFile.open(lines());
  await file.guest(lines().replace("one", "ONE by Eve"));
  file.owner(file.disk.replace("three", "three by the owner"));
  await file.guest(file.disk.replace("five", "FIVE by Eve"));
  expect(await file.change()).toMatchObject({ edits: "both", changed_since: false });
  const mine = lines().replace("three", "three by the owner");
  expect(await file.kept("others")).toBe(mine);
  expect(await file.without()).toEqual({ kind: "apart", content: { text: mine } });
  await file.guest(file.disk.replace("ONE by Eve", "1 by Eve"));
  expect(await file.without()).toEqual({ kind: "apart", content: { text: mine } });
});

it("R11: where both changed the same lines, nothing is taken back for certain", async () => {
  const later = await SharedFile.open(lines());
  await later.guest(lines().replace("two", "TWO by Eve"));
  later.owner(later.disk.replace("TWO by Eve", "TWO by Eve and the owner"));
  expect(await later.change()).toMatchObject({ edits: "both", changed_since: true, original: true });
  expect(await later.without()).toEqual({ kind: "mixed" });
  expect(later.disk).toContain("TWO by Eve and the owner");

  // A guest wrote over the mixture: it stays one.
  await later.guest(later.disk.replace("five", "FIVE by Eve"));
  expect(await later.change()).toMatchObject({ edits: "mixed", original: true });
  expect(await later.kept("others")).toBe(404);
  expect(await later.without()).toEqual({ kind: "mixed" });
});

it("R11: bytes that are no text are taken back as a whole, or not at all", async () => {
  const binary = Buffer.from([0, 0xff, 0xfe, 0x80, 0x0a]);
  const theirs = Buffer.from([1, 0, 0xff]).toString("base64");
  const file = await SharedFile.open(binary);
  await file.guest(theirs, "base64");
  const before = { text: null, base64: binary.toString("base64") };
  expect(await file.without({ text: null, base64: theirs })).toEqual({ kind: "apart", content: before });
  expect(await file.without({ text: null, base64: "AAEC/w==" })).toEqual({ kind: "mixed" });
});

it("R11: a deleted, recreated or renamed file keeps what is known of both", async () => {
  const file = await SharedFile.open(lines());
  await file.ask("delete", { path: "a.txt" });
  expect(await file.without(null)).toEqual({ kind: "apart", content: { text: lines() } });
  expect(await file.without({ text: "the owner's new file" })).toEqual({ kind: "mixed" });
  await file.ask("write", { path: "a.txt", base: null, content: lines("six by Eve"), encoding: "utf8" });
  expect(await file.without()).toEqual({ kind: "apart", content: { text: lines() } });
  await file.ask("rename", { from: "a.txt", to: "b.txt" });
  const now = { text: lines("six by Eve").replace("one", "one by the owner") };
  const mine = lines().replace("one", "one by the owner");
  expect(await file.without(now, "b.txt")).toEqual({ kind: "apart", content: { text: mine } });
  // The file that guests took away comes back under its former name, too.
  expect(await file.without(null)).toEqual({ kind: "apart", content: { text: lines() } });
  expect(await file.without(now, "other.txt")).toEqual({ kind: "unknown" });
  expect(await file.without(now, "../../../etc/passwd")).toEqual({ kind: "unknown" });
  const body = { path: "b.txt", now };
  expect((await file.server.api("/api/share/none/without-guests", { method: "POST", body })).status).toBe(404);
});

it("R11: what was not kept is unknown or mixed, never somebody else's", async () => {
  const file = await SharedFile.open(lines());
  await file.guest(lines().replace("two", "TWO by Eve"));
  // As of a release that kept originals only.
  rmSync(join(file.server.dataFolder, "edit-sides"), { recursive: true });
  expect(await file.change()).toMatchObject({ edits: "unknown", original: true });
  expect(await file.without()).toEqual({ kind: "unknown" });
  await file.guest(file.disk.replace("five", "FIVE by Eve"));
  expect(await file.change()).toMatchObject({ edits: "unknown", original: true });
  expect(await file.without()).toEqual({ kind: "unknown" });

  const large = await SharedFile.open("x\n".repeat(3_000_000));
  await large.guest("small\n");
  expect(await large.change()).toMatchObject({ edits: "unknown", original: false });
  expect(await large.without()).toEqual({ kind: "unknown" });
});

it("R11, R24: what a guest typed live is taken back, and what a program wrote stays", async () => {
  const server = await SharingGateway.start({ files: { "a.txt": lines() } });
  const { share, guest } = await server.enter({ permission: "edit" }, "Eve");
  const file = new SharedFile(server, share.id, await guest.session());
  const eve = await LiveGuest.open(guest, "a.txt");
  eve.type(0, "1 by Eve\n");
  await eve.isSaved();
  file.owner(file.disk.replace("five", "five by a program"));
  await eve.until(() => eve.text.includes("program"));
  eve.type(eve.text.indexOf("three"), "3 by Eve, ");
  await eve.isSaved();
  await expect.poll(() => file.kept("guests")).toBe(file.disk);
  const mine = lines().replace("five", "five by a program");
  expect(file.disk).toBe(`1 by Eve\n${mine.replace("three", "3 by Eve, three")}`);
  expect(await file.change()).toMatchObject({ edits: "both", changed_since: false });
  expect(await file.without()).toEqual({ kind: "apart", content: { text: mine } });
});

it("R4, R11: both sides are private to the owner, and only the last ones are kept", async () => {
  const file = await SharedFile.open(lines());
  for (const name of ["Two", "TWO", "2"]) await file.guest(lines().replace("two", name));
  const folder = join(file.server.dataFolder, "edit-sides", file.share);
  const names = readdirSync(folder);
  expect(names).toHaveLength(3);
  for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it("a save succeeds even if its sides cannot be kept; the log says so", async () => {
  const logged: string[] = [];
  const server = await SharingGateway.start({ files: { "a.txt": "one\n" }, log: (line) => logged.push(line) });
  const { share, guest } = await server.enter({ permission: "edit" });
  const session = await guest.session();
  rmSync(join(server.dataFolder, "edit-sides"), { recursive: true, force: true });
  writeFileSync(join(server.dataFolder, "edit-sides"), "in the way");
  const read = (await session.ask("read", { path: "a.txt" })) as Result<"read">;
  await session.ask("write", { path: "a.txt", base: read.version, content: "two\n", encoding: "utf8" });
  expect(readFileSync(join(server.workspace, "a.txt"), "utf8")).toBe("two\n");
  expect(logged.join("")).toContain("cannot be told later");
  const { body } = await server.api(`/api/share/${share.id}/changes`);
  expect((body as GuestChanges).changes).toMatchObject([{ path: "a.txt", edits: "unknown", original: true }]);
});
