import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import type { Gateway } from "../../../src/gateway.ts";
import { ask, errorCode, startGateway, temporaryFolder } from "../../support/gateway-without-ide.ts";
import { runGit, TestRepository } from "../../support/git/test-repository.ts";

let folder: string;
let workspace: string;
let origin: TestRepository;
let gateway: Gateway;
const address = () => `file://${origin.folder}`;

beforeEach(async () => {
  folder = temporaryFolder();
  workspace = join(folder, "workspace");
  await mkdir(workspace);
  origin = new TestRepository(join(folder, "origin"));
  origin.commit("One", { "lab.py": "one = 1\ntwo = 2\nthree = 3\n", "data/a.csv": "1\n" });
  gateway = await startGateway({ workspace, "data-dir": join(folder, "data") }, { folder });
});

interface Told {
  readonly said?: string;
  readonly failed?: string;
  readonly done?: { readonly path?: string; readonly folder: string; readonly file?: string };
}

async function pull(more: Readonly<Record<string, string>> = {}): Promise<Told & { lines: readonly Told[] }> {
  const query = String(new URLSearchParams({ repo: address(), targetPath: "course", ...more }));
  const { status, body } = await ask(gateway, "/git-pull", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query }),
  });
  expect(status).toBe(200);
  const lines = body
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
  return { ...lines.at(-1), lines };
}

const inClone = (path: string) => join(workspace, "course", path);
const read = (path: string) => readFileSync(inClone(path), "utf8");

it("clones into the workspace, tells how it goes, and names what to open", async () => {
  const told = await pull({ urlpath: "lab/tree/course/lab.py", branch: "main" });
  expect(told.done).toEqual({ folder: join(workspace, "course"), file: inClone("lab.py") });
  expect(told.lines.some(({ said }) => said !== undefined)).toBe(true);
  expect(read("lab.py")).toBe("one = 1\ntwo = 2\nthree = 3\n");
  expect(readdirSync(workspace)).toEqual(["course"]);
  expect((await pull()).done).toEqual({ folder: join(workspace, "course") });
  expect((await pull({ urlpath: "rstudio/?x=1" })).done).toEqual({
    folder: join(workspace, "course"),
    path: "rstudio/?x=1",
  });
  const outside = await pull({ urlpath: "tree/none.py" });
  expect(outside.done).toEqual({ folder: join(workspace, "course") });
});

it("R33: looking asks first, and changes nothing", async () => {
  const query = new URLSearchParams({ repo: "https://host.example/<b>&x", branch: "main" });
  const { status, body } = await ask(gateway, `/git-pull?${query}`);
  expect(status).toBe(200);
  expect(body).toContain("https://host.example/&lt;b&gt;&amp;x");
  expect(readdirSync(workspace)).toEqual([]);
  const bad = await ask(gateway, "/git-pull?repo=ext::sh", { headers: { Accept: "application/json" } });
  expect([bad.status, errorCode(bad)]).toEqual([400, "GIT_PULL_REFUSED"]);
});

it("R33: another site, a page that nobody opened, and one without proof change nothing", async () => {
  const query = String(new URLSearchParams({ repo: address(), targetPath: "course" }));
  const post = async (headers: Record<string, string>) =>
    (
      await ask(gateway, "/git-pull", {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify({ query }),
      })
    ).status;
  expect(await post({ Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" })).toBe(403);
  const host = new URL(gateway.url).host;
  const browser = { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty" };
  expect(await post({ Origin: `http://${host}`, ...browser })).toBe(403);
  const framed = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" };
  expect((await ask(gateway, `/git-pull?${query}`, { headers: framed })).status).toBe(403);
  expect(readdirSync(workspace)).toEqual([]);
});

it("what the user changed stays, and what is in the way gets another name", async () => {
  await pull();
  await writeFile(inClone("lab.py"), "one = 1\ntwo = 22\nthree = 3\n");
  await writeFile(inClone("new.py"), "mine\n");
  await writeFile(inClone("notes"), "my file\n");
  origin.commit("Two", {
    "lab.py": "one = 1\ntwo = 200\nthree = 3\nfour = 4\n",
    "new.py": "theirs\n",
    "notes/a.md": "theirs\n",
    "data/a.csv": "1\n2\n",
  });
  expect((await pull()).failed).toBeUndefined();
  expect(read("lab.py")).toContain("two = 22\n");
  expect(read("data/a.csv")).toBe("1\n2\n");
  expect(read("new.py")).toBe("theirs\n");
  expect(read("notes/a.md")).toBe("theirs\n");
  const names = readdirSync(inClone(""));
  const aside = names.find((name) => /^new__\d{14}\.py$/.test(name)) ?? "";
  expect(read(aside)).toBe("mine\n");
  expect(read(names.find((name) => /^notes__\d{14}$/.test(name)) ?? "")).toBe("my file\n");
  expect(runGit(inClone(""), ["status", "--porcelain", "--untracked-files=no"])).toBe("");
});

it("a deleted file comes back, and one that they deleted stays where it was changed", async () => {
  origin.commit("More", { "kept.py": "1\n" });
  await pull();
  runGit(inClone(""), ["rm", "-q", "--cached", "lab.py"]);
  runGit(inClone(""), ["reset", "-q"]);
  await Promise.all([writeFile(inClone("kept.py"), "mine\n"), rm(inClone("lab.py"))]);
  origin.git("rm", "-q", "kept.py");
  origin.commit("Less", { "lab.py": "one = 11\n" });
  expect((await pull()).failed).toBeUndefined();
  expect(read("lab.py")).toBe("one = 11\n");
  expect(read("kept.py")).toBe("mine\n");
});

it("R33: a repository's hooks, templates and links out of the workspace do nothing", async () => {
  const mark = join(folder, "ran");
  const hook = `#!/bin/sh\ntouch ${mark}\n`;
  await pull();
  for (const name of ["post-merge", "post-checkout", "pre-commit", "reference-transaction", "post-index-change"]) {
    await writeFile(join(inClone(".git"), "hooks", name), hook).catch(async () => {
      await mkdir(join(inClone(".git"), "hooks"), { recursive: true });
      await writeFile(join(inClone(".git"), "hooks", name), hook);
    });
    await chmod(join(inClone(".git"), "hooks", name), 0o755);
  }
  await writeFile(inClone("data/a.csv"), "mine\n");
  origin.commit("Two", { "lab.py": "one = 2\n" });
  expect((await pull()).failed).toBeUndefined();
  expect(read("lab.py")).toBe("one = 2\n");
  expect(existsSync(mark)).toBe(false);
});

it("R33: a clone with settings that run programs is left as it is", async () => {
  await pull();
  const mark = join(folder, "ran");
  const before = runGit(inClone(""), ["rev-parse", "HEAD"]);
  origin.commit("Two", { "lab.py": "one = 2\n" });
  const config = readFileSync(inClone(".git/config"), "utf8");
  for (const more of [
    `[core]\n\tfsmonitor = touch ${mark}\n`,
    `[core]\n\tsshCommand = touch ${mark}\n`,
    `[filter "x"]\n\tsmudge = touch ${mark}\n`,
    `[include]\n\tpath = /etc/gitconfig\n`,
    `[url "ext::x"]\n\tinsteadOf = file\n`,
    `[remote "origin"]\n\tuploadpack = touch ${mark}\n`,
  ]) {
    writeFileSync(inClone(".git/config"), `${config}${more}`);
    expect((await pull()).failed, more).toContain("left as it is: its git settings could run programs");
    expect(runGit(inClone(""), ["--no-pager", "-c", "core.fsmonitor=false", "rev-parse", "HEAD"])).toBe(before);
    expect(existsSync(mark)).toBe(false);
  }
  expect(read("lab.py")).toContain("one = 1");
});

it("R33: whatever else is in the folder is left as it is", async () => {
  await mkdir(join(workspace, "course"));
  await writeFile(join(workspace, "course", "mine.txt"), "mine\n");
  expect((await pull()).failed).toContain("no clone of a repository");
  expect(readdirSync(join(workspace, "course"))).toEqual(["mine.txt"]);
  await writeFile(join(workspace, "file"), "mine\n");
  expect((await pull({ targetPath: "file" })).failed).toContain("is a file");
  const outside = join(folder, "outside");
  await mkdir(outside);
  symlinkSync(outside, join(workspace, "link"));
  expect((await pull({ targetPath: "link/course" })).failed).toContain("leads out of your workspace");
  expect(readdirSync(outside)).toEqual([]);
  expect((await pull({ targetPath: "link" })).failed).toContain("is a file");
  expect(readdirSync(workspace).sort()).toEqual(["course", "file", "link"]);
});

it("R33: another branch or repository leaves the clone as it is, and a failed one nothing", async () => {
  await pull();
  origin.git("branch", "other");
  expect((await pull({ branch: "other" })).failed).toContain("it is on the branch main, not other");
  const another = new TestRepository(join(folder, "another"));
  another.commit("Other", { "x.py": "1\n" });
  expect((await pull({ repo: `file://${another.folder}` })).failed).toContain("it is a clone of file://");
  expect(readdirSync(inClone("")).sort()).toEqual([".git", "data", "lab.py"]);
  const missing = await pull({ repo: `file://${folder}/none`, targetPath: "deep/er" });
  expect(missing.failed).toContain("Git could not do it");
  expect((await pull({ targetPath: "x", branch: "none" })).failed).toContain("none");
  expect(readdirSync(workspace)).toEqual(["course"]);
});

it.each([true, false])("an app for such links gets them, where there is one (listed: %s)", async (listed) => {
  const apps = { "git-pull": { command: ["true", "{port}"], listed } };
  const other = await startGateway({ workspace, apps: JSON.stringify(apps) }, { folder: temporaryFolder() });
  const { status, headers } = await ask(other, "/git-pull?repo=x&branch=main");
  expect([status, headers.location]).toEqual([303, "/apps/git-pull/git-pull?repo=x&branch=main"]);
  await vi.waitFor(() => expect(readdirSync(workspace)).toEqual([]));
});
