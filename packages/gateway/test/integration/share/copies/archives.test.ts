import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Audit, type Copy, type CopyChoice, CopySchema, type CreateShare } from "@waiide/protocol";
import Value from "typebox/value";
import { describe, expect, it } from "vitest";
import { TestRepository } from "../../../support/git/test-repository.ts";
import type { GuestClient } from "../../../support/guest-client.ts";
import { SharingGateway, type SharingOptions } from "../../../support/sharing-gateway.ts";

const everything: CopyChoice = { files: true, settings: [], extensions: true };

async function shared(options: SharingOptions, request: Partial<CreateShare> = {}) {
  const server = await SharingGateway.start(options);
  const entered = await server.enter({ permission: "view", copy: everything, ...request });
  return { server, ...entered };
}

async function describedTo(guest: GuestClient): Promise<Copy> {
  const { status, body } = await guest.ask("copy.json");
  expect([status, body]).toEqual([200, expect.any(String)]);
  const copy: unknown = JSON.parse(body);
  expect([...Value.Errors(CopySchema, copy)]).toEqual([]);
  return copy as Copy;
}

async function bytesOf(server: SharingGateway, guest: GuestClient, path: string): Promise<Buffer> {
  const answer = await fetch(new URL(`${guest.path}${path}`, server.url), { headers: { cookie: guest.cookie ?? "" } });
  expect([answer.status, answer.headers.get("content-security-policy")]).toEqual([200, "sandbox; default-src 'none'"]);
  return Buffer.from(await answer.arrayBuffer());
}

/** On a slow machine a guest is asked to come back. */
async function isMade(guest: GuestClient, path: string): Promise<void> {
  await expect.poll(async () => (await guest.ask(path, { method: "HEAD" })).status).toBe(200);
}

/** Python's own module keeps no modes. */
const unzipWithModes = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for one in archive.infolist():
        os.chmod(archive.extract(one), one.external_attr >> 16 & 0o7777)
`;

/** Unpacks as any recipient's programs do. @returns path and mode of all there is */
async function unpacked(server: SharingGateway, guest: GuestClient, path: string): Promise<Record<string, string>> {
  const folder = join(server.home, `unpacked-${path}`);
  mkdirSync(folder);
  writeFileSync(join(folder, path), await bytesOf(server, guest, path));
  if (path.endsWith(".zip")) execFileSync("python3", ["-c", unzipWithModes, path], { cwd: folder });
  else execFileSync("tar", ["-xpzf", path], { cwd: folder });
  const list = execFileSync("find", [".", "-mindepth", "2", "!", "-type", "d", "-printf", "%P\t%y %m\n"], {
    cwd: folder,
  });
  const rows = String(list)
    .trim()
    .split("\n")
    .map((row) => row.split("\t"));
  return Object.fromEntries(rows);
}

const project = {
  "main.py": "print(1)\n",
  "src/deep/ä long name.txt": "x",
  [`src/${"n".repeat(150)}/${"m".repeat(150)}.txt`]: "long",
  "empty.txt": "",
  "requirements.txt": "numpy==2.1.0\n",
  "node_modules/x/index.js": "x",
  "own-env/pyvenv.cfg": "",
  "own-env/bin/python": "x",
  ".env": "SECRET=hunter22\n",
  id_rsa: "hunter22\n",
  ".vscode/settings.json": '{"editor.tabSize": 3, "x.token": "hunter22"}',
};
const inArchive = [
  "workspace/.devcontainer/devcontainer.json",
  "workspace/.vscode/settings.json",
  "workspace/empty.txt",
  "workspace/main.py",
  "workspace/requirements.txt",
  `workspace/src/${"n".repeat(150)}/${"m".repeat(150)}.txt`,
  "workspace/src/deep/ä long name.txt",
  "workspace/waiide-copy.json",
];

describe("R29: others may make their own copy", () => {
  it.each(["archive.zip", "archive.tar.gz"])("%s holds what guests see, as plain files", async (path) => {
    const { server, guest } = await shared({ files: project });
    symlinkSync("/etc/passwd", join(server.workspace, "outside"));
    symlinkSync("..", join(server.workspace, "src/circle"));
    mkdirSync(join(server.workspace, ".git"));
    writeFileSync(join(server.workspace, ".git/config"), "hunter22");
    chmodSync(join(server.workspace, "main.py"), 0o4777);
    const found = await unpacked(server, guest, path);
    expect(Object.keys(found).sort()).toEqual([...inArchive].sort());
    expect(found["workspace/main.py"]).toBe("f 755");
    expect(new Set(Object.values(found))).toEqual(new Set(["f 755", "f 644"]));
    const folder = join(server.home, `unpacked-${path}`, "workspace");
    expect(readFileSync(join(folder, "main.py"), "utf8")).toBe("print(1)\n");
    const copy = JSON.parse(readFileSync(join(folder, "waiide-copy.json"), "utf8")) as Copy;
    expect(copy).toEqual(await describedTo(guest));
    expect(copy.left_out.sort()).toEqual(["node_modules", "own-env", "src/circle"]);
  });

  it("copy.json describes it, names what would run, and has no secret", async () => {
    const { guest } = await shared(
      { files: project },
      { copy: { ...everything, settings: ["editor.tabSize", "x.token", "none"] } },
    );
    const copy = await describedTo(guest);
    expect(copy).toMatchObject({
      name: "workspace",
      files: 7,
      commit: null,
      settings: { "editor.tabSize": 3 },
      locks: [{ path: "requirements.txt", tool: "pip", frozen: false }],
      devcontainer: { path: ".devcontainer/devcontainer.json", generated: true },
    });
    const offered = copy.runs.filter((run) => run.offered).map(({ command }) => command);
    expect(offered).toEqual(["pip install --user -r requirements.txt"]);
    expect(JSON.stringify(copy)).not.toContain("hunter22");
  });

  it("a folder of the workspace is copied without what lies beside it", async () => {
    const { server, guest } = await shared({ files: project }, { file: "src" });
    expect(Object.keys(await unpacked(server, guest, "archive.zip"))).toContain("src/deep/ä long name.txt");
    expect((await bytesOf(server, guest, "archive.zip")).toString("latin1")).not.toContain("main.py");
  });

  it("without files, only what describes the environment is copied", async () => {
    const { server, guest } = await shared({ files: project }, { copy: { ...everything, files: false } });
    expect(Object.keys(await unpacked(server, guest, "archive.tar.gz")).sort()).toEqual([
      "workspace/.devcontainer/devcontainer.json",
      "workspace/requirements.txt",
      "workspace/waiide-copy.json",
    ]);
  });

  it("a commit is copied as it was, with its devcontainer.json", async () => {
    const server = await SharingGateway.start();
    const repository = new TestRepository(server.workspace);
    repository.commit("First", { "a.txt": "one\n", ".env": "x", ".devcontainer.json": '{"image": "own"}' });
    writeFileSync(join(server.workspace, "a.txt"), "later\n");
    const { guest } = await server.enter({
      permission: "view",
      commit: { ref: "main", get: "none" },
      copy: everything,
    });
    const names = Object.keys(await unpacked(server, guest, "archive.zip")).sort();
    expect(names).toEqual([
      "workspace-main/.devcontainer.json",
      "workspace-main/a.txt",
      "workspace-main/waiide-copy.json",
    ]);
    const { commit, devcontainer } = await describedTo(guest);
    expect([commit?.name, devcontainer]).toEqual(["main", { path: ".devcontainer.json", generated: false }]);
    expect((await guest.ask("changes.patch")).status).toBe(403);
  });

  it("is offered to no stranger, by no other share, and not after it was turned off", async () => {
    const { server, share, guest } = await shared({ files: project, watched: true });
    const { guest: without } = await server.enter({ permission: "view" });
    const codeOf = async (client: GuestClient, anonymous = false) => {
      const { status, body } = await client.ask("copy.json", { anonymous });
      return [status, JSON.parse(body).error?.code];
    };
    expect(await codeOf(without)).toEqual([403, "SHARE_NO_COPY"]);
    expect(await codeOf(guest, true)).toEqual([401, "SHARE_LOGIN"]);
    expect((await guest.ask("archive.zip")).status).toBe(200);
    const change = { method: "PATCH", body: { copy: null } };
    expect((await server.api(`/api/share/${share.id}`, change)).body).toMatchObject({ copy: null });
    expect(await codeOf(guest)).toEqual([403, "SHARE_NO_COPY"]);
    expect(existsSync(join(server.dataFolder, "copies", share.id))).toBe(false);
  });

  it("R19: where an administrator turned copies off, none is offered any more", async () => {
    const { server, guest } = await shared({ files: project, watched: true });
    writeFileSync(join(server.home, "administrator.json"), JSON.stringify({ "share-copies": false }));
    await expect.poll(async () => (await guest.ask("copy.json")).status).toBe(403);
    const { status, body } = await server.api("/api/share/create", {
      method: "POST",
      body: { permission: "view", copy: everything },
    });
    expect([status, body]).toMatchObject([403, { error: { code: "SHARE_CEILING" } }]);
  });

  it.each([
    [{ permission: "view", file: "main.py", copy: everything }, "copy"],
    [{ permission: "view", copy: { files: true } }, "copy"],
  ])("%j is refused", async (request, field) => {
    const server = await SharingGateway.start({ files: project });
    const { status, body } = await server.api("/api/share/create", { method: "POST", body: request });
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining(field)]);
    expect((await server.api("/api/share/list")).body).toEqual({ shares: [] });
  });

  it("one archive is made for a class, and is gone with the share", async () => {
    const { server, share, guest } = await shared({ files: project });
    const folder = join(server.dataFolder, "copies", share.id);
    const all = await Promise.all(Array.from({ length: 6 }, () => bytesOf(server, guest, "archive.tar.gz")));
    expect(new Set(all.map(String)).size).toBe(1);
    expect(readdirSync(folder)).toHaveLength(1);
    const { entries } = (await server.api("/api/share/audit")).body as Audit;
    expect(
      entries.filter(({ event, details }) => event === "take" && details.what === "copy as archive.tar.gz").length,
    ).toBe(6);
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    await expect.poll(() => existsSync(folder)).toBe(false);
    expect((await guest.ask("archive.tar.gz")).status).toBe(401);
  });

  it("one that is too large is refused with the reason, and leaves nothing", async () => {
    const limits = (more: object) => ({ "share-limits": JSON.stringify({ free: 0, free_percent: 0, ...more }) });
    const { server, share, guest } = await shared({ files: project, flags: limits({ copy_archive: 600 }) });
    const answer = await guest.ask("archive.zip");
    expect([answer.status, answer.body]).toEqual([409, expect.stringContaining("the archive is too large")]);
    expect(readdirSync(join(server.dataFolder, "copies", share.id))).toEqual([]);
    const many = await shared({ files: project, flags: limits({ copy_files: 3 }) });
    expect((await many.guest.ask("copy.json")).body).toContain("more than 3 files");
  });

  it("over the limit of downloads, a guest is asked to come back", async () => {
    const flags = { "share-limits": JSON.stringify({ free: 0, free_percent: 0, copy_downloads: 1 }) };
    const { server, guest } = await shared({ files: project, flags });
    // Random bytes do not pack: the first download fills the socket and waits for its reader.
    writeFileSync(
      join(server.workspace, "noise.bin"),
      execFileSync("head", ["-c", "16000000", "/dev/urandom"], { maxBuffer: 2 ** 26 }),
    );
    await isMade(guest, "archive.tar.gz");
    const first = await fetch(new URL(`${guest.path}archive.tar.gz`, server.url), {
      headers: { cookie: guest.cookie ?? "" },
    });
    const { status, headers } = await guest.ask("archive.tar.gz");
    expect([first.status, status, headers["retry-after"]]).toEqual([200, 503, "10"]);
    await first.body?.cancel();
    await isMade(guest, "archive.tar.gz");
  });

  it("of 200 who come, 20 get one archive, others come back; the owner is answered", async () => {
    const noise = execFileSync("head", ["-c", "16000000", "/dev/urandom"], { maxBuffer: 2 ** 26 });
    // One guest stands for a class.
    const flags = { "share-limits": JSON.stringify({ free: 0, free_percent: 0, requests: 200 }) };
    const { server, share, guest } = await shared({ files: { "noise.bin": noise }, flags });
    const headers = { cookie: guest.cookie ?? "" };
    const begin = () => fetch(new URL(`${guest.path}archive.tar.gz`, server.url), { headers });
    await isMade(guest, "archive.tar.gz");
    // Random bytes do not pack: each of these fills its socket and waits for its reader.
    const first = await Promise.all(Array.from({ length: 20 }, begin));
    expect(first.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const later = Promise.all(Array.from({ length: 180 }, () => guest.ask("archive.tar.gz")));
    expect((await server.api("/api/share/list")).status).toBe(200);
    const answers = (await later).map(({ status, headers: { "retry-after": after } }) => `${status} ${after}`);
    expect([...new Set(answers)]).toEqual(["503 10"]);
    for (const { body } of first) await body?.cancel();
    await isMade(guest, "archive.tar.gz");
    const again = await begin();
    expect([again.status, again.headers.get("etag")]).toEqual([200, first[0]?.headers.get("etag")]);
    await again.body?.cancel();
    expect(readdirSync(join(server.dataFolder, "copies", share.id))).toHaveLength(1);
  });

  it("revoking cuts a download that is under way", async () => {
    const noise = execFileSync("head", ["-c", "16000000", "/dev/urandom"], { maxBuffer: 2 ** 26 });
    const { server, share, guest } = await shared({ files: { "noise.bin": noise } });
    await isMade(guest, "archive.zip");
    const answer = await fetch(new URL(`${guest.path}archive.zip`, server.url), {
      headers: { cookie: guest.cookie ?? "" },
    });
    expect(answer.status).toBe(200);
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });
});
