import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorBody, Result, ShareInfo } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { publicOrigin, SharingGateway } from "../../support/sharing-gateway.ts";
import { plant } from "../workspace/harness.ts";

/** Files of a home folder that hold a login, as their programs call them. */
const credentials = [
  ".config/gh/hosts.yml",
  ".config/rclone/rclone.conf",
  ".cache/huggingface/token",
  ".local/share/jupyter/runtime/kernel-1.json",
  ".my.cnf",
  ".s3cfg",
  ".boto",
  ".vault-token",
  ".terraform.d/credentials.tfrc.json",
  ".cargo/credentials.toml",
  ".cargo/credentials",
  ".m2/settings.xml",
  ".gradle/gradle.properties",
  ".claude/.credentials.json",
  ".claude.json",
  ".codex/auth.json",
  ".gemini/oauth_creds.json",
  ".aider.chat.history.md",
  ".Rhistory",
  ".zhistory",
  ".python_history",
  ".node_repl_history",
  ".psql_history",
  ".lesshst",
  ".viminfo",
  ".netrc",
  ".npmrc",
  ".yarnrc.yml",
  ".pip/pip.conf",
  ".snowflake/config.toml",
  ".dbt/profiles.yml",
  ".wandb/settings",
  ".fly/config.yml",
  ".mozilla/firefox/x.default/logins.json",
  ".config/google-chrome/Default/Cookies",
  ".ssh/id_ed25519",
  ".somebody-elses-tool/token",
];

/** The same, where programs keep them in a project's folder. */
const inProjects = [
  "terraform.tfstate",
  "terraform.tfstate.backup",
  "prod.tfvars",
  "prod.auto.tfvars.json",
  ".htpasswd",
  "passwords.kdbx",
  "credentials.json",
  "service-account-prod.json",
  "client_secret_123.json",
  "server.keystore",
  "upload.jks",
  "login.ppk",
  "wp-config.php",
  "secrets.yaml",
  ".secrets.toml",
  ".dockercfg",
  ".env.production",
  "config/master.key",
  "kubeconfig",
  "_netrc",
  "kaggle.json",
  ".cargo/credentials.toml",
  ".m2/settings.xml",
  ".claude/settings.local.json",
  ".config/gh/hosts.yml",
];

async function start(): Promise<SharingGateway> {
  const server = await SharingGateway.start({ files: { "a.txt": "a\n" } });
  const secrets = [...credentials, ...inProjects.map((path) => `workspace/${path}`)];
  await plant(server.home, Object.fromEntries([...secrets, ".bashrc", ".plan"].map((path) => [path, "s3cret\n"])));
  return server;
}

async function refusal(server: SharingGateway, body: unknown): Promise<{ status: number; error: ErrorBody["error"] }> {
  const answer = await server.api("/api/share/create", { method: "POST", body });
  return { status: answer.status, ...(answer.body as ErrorBody) };
}

describe("R10: a home folder that is shared", () => {
  it.each(["view", "edit"] as const)(
    "shows no credentials at %s, in lists, reads, searches and watches",
    async (permission) => {
      const server = await start();
      const { guest } = await server.enter({ permission, root: "~", confirm: true });
      const session = await guest.session();
      const list = async (path: string) =>
        ((await session.ask("list", { path })) as Result<"list">).entries.map(({ name }) => name);
      expect((await list("")).filter((name) => name.startsWith("."))).toEqual([]);
      for (const path of [...credentials, ".bashrc", ".plan", ...inProjects.map((one) => `workspace/${one}`)]) {
        const absent = { code: "NOT_FOUND" };
        for (const spelling of [path, path.toUpperCase(), `${path}.`]) {
          expect(await session.ask("read", { path: spelling }), spelling).toMatchObject(absent);
        }
        expect(await session.ask("stat", { path }), path).toMatchObject(absent);
        expect(await session.ask("watch", { path }), path).toMatchObject(absent);
        expect((await guest.ask(`files/${path}`)).status, path).toBe(404);
      }
      expect(await list("workspace")).toEqual([".cargo", ".config", ".m2", "a.txt", "config"]);
      expect(await session.ask("search", { pattern: "s3cret" })).toMatchObject({ files: [] });
      expect(await session.ask("find", { pattern: "bashrc" })).toMatchObject({ paths: [] });
    },
  );

  it("is one by every path that leads to it", async () => {
    const server = await start();
    symlinkSync(server.home, join(server.home, "again"));
    expect(await refusal(server, { permission: "view", root: "~/again" })).toMatchObject({
      status: 409,
      error: { code: "SHARE_CONFIRM" },
    });
    const { share, guest } = await server.enter({ permission: "view", root: "~/again", confirm: true });
    expect(share.root).toBe(server.home);
    const session = await guest.session();
    expect(await session.ask("read", { path: ".bashrc" })).toMatchObject({ code: "NOT_FOUND" });
    expect(await session.ask("read", { path: "again/.bashrc" })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("shows what the owner checked, none of its hidden files, and writes none of it", async () => {
    const server = await start();
    const show = [".bashrc", ".config", ".ssh"];
    const { share, guest } = await server.enter({ permission: "edit", root: "~", confirm: true, show });
    expect(share.scope).toEqual({ kind: "workspace", show });
    await server.restart();
    const again = server.guest({ url: `${publicOrigin}${guest.path}#${guest.secret}` });
    again.cookie = guest.cookie;
    await expect.poll(async () => (await again.ask("files/.bashrc")).status).toBe(200);
    const session = await again.session();
    const file = (await session.ask("read", { path: ".bashrc" })) as Result<"read">;
    expect(file).toMatchObject({ content: "s3cret\n", writable: false, read_only: "protected" });
    const write = { path: ".bashrc", base: file.version, content: "x", encoding: "utf8" as const };
    expect(await session.ask("write", write)).toMatchObject({ code: "DENIED" });
    for (const path of [".plan", ".config/gh/hosts.yml", ".ssh/id_ed25519"]) {
      expect(await session.ask("read", { path })).toMatchObject({ code: "NOT_FOUND" });
    }
    expect(readFileSync(join(server.home, ".bashrc"), "utf8")).toBe("s3cret\n");
    // Another share of the same folder shows none of it.
    const other = await (await server.enter({ permission: "view", root: "~", confirm: true })).guest.session();
    expect(await other.ask("read", { path: ".bashrc" })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("offers its projects instead, those used last first", async () => {
    const server = await start();
    await plant(server.home, {
      "tides/pyproject.toml": "",
      "notes/x.txt": "",
      "moon/.git/HEAD": "ref: x\n",
      "\u001b[31mred/Makefile": "",
    });
    const { status, error } = await refusal(server, { permission: "view", root: "~" });
    expect([status, error.code]).toEqual([409, "SHARE_CONFIRM"]);
    expect(error.action).toMatch(/one of its folders \(such as .*\)/);
    expect(error.action).toContain("tides");
    expect(error.action).toContain("moon");
    expect(error.action).not.toContain("notes");
    expect(error.action).not.toContain("red");
  });
});

describe("R10: sharing a hidden file or root is a 400", () => {
  it.each([
    ["a git directory of any name", "store", undefined, undefined],
    ["a folder in a git directory", "store/hooks", undefined, undefined],
    ["a folder called .ssh", ".ssh", undefined, undefined],
    ["a folder below a hidden one", ".ssh/deep", undefined, undefined],
    ["a name with a dot in the home folder", ".somebody-elses-tool", undefined, ".somebody-elses-tool"],
    ["a folder below one", ".config/gtk", undefined, ".config"],
    ["what is hidden only with its parents' names", ".config/gh", undefined, undefined],
    ["a file in a git directory", "", "store/config", undefined],
    ["a git directory by a link", "alias", undefined, undefined],
    ["a file with a dot in the home folder", "", ".plan", ".plan"],
    ["credentials in a project", "workspace", "terraform.tfstate", undefined],
  ])("%s", async (_name, root, file, ticked) => {
    const server = await start();
    execFileSync("git", ["init", "-q", "--bare", "store"], { cwd: server.home });
    for (const folder of [".ssh/deep", ".config/gtk"]) mkdirSync(join(server.home, folder), { recursive: true });
    writeFileSync(join(server.home, ".config/gtk/a.txt"), "a");
    symlinkSync("store", join(server.home, "alias"));
    const body = { permission: "view", root: join(server.home, root), confirm: true, ...(file && { file }) };
    const { status, error } = await refusal(server, body);
    expect([status, error.field]).toEqual([400, file === undefined ? "root" : "file"]);
    if (ticked !== undefined) {
      expect(error.message).toContain(`--show ${ticked}`);
      await server.create({ ...body, permission: "view", show: [ticked] });
    }
    expect((await server.api("/api/share/list")).body).toMatchObject({ shares: ticked === undefined ? [] : [{}] });
  });

  it.each([[".."], ["."], ["a/b"], ["plain"], [""], [".x\n"]])("%j is no name to show", async (name) => {
    const server = await start();
    expect((await refusal(server, { permission: "view", show: [name] })).status).toBe(400);
  });
});

it("R10, R11: the owner sees both lists, by reason", async () => {
  const server = await SharingGateway.start({
    flags: { "share-hidden": ".git,mine-only", "share-protected": ".vscode" },
  });
  const info = (await server.api("/api/share/info")).body as ShareInfo;
  expect(info.hidden_groups).toEqual([
    { title: "Git", why: expect.any(String), names: [".git"] },
    { title: "Others", why: expect.any(String), names: ["mine-only"] },
  ]);
  expect(info.protected_groups).toEqual([{ title: "Editors", why: expect.any(String), names: [".vscode"] }]);
});
