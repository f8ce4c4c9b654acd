import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Method, Params } from "@waiide/protocol";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GuestClient, type SessionClient } from "../../packages/gateway/test/support/guest-client.ts";
import { ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launchBrowser, newPage, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";
import { createShare } from "../support/sharing.ts";

/** Working trees that the IDE opens by itself, below the workspace, and the git directory of each. */
const places = [
  { layout: "a .git file that leads to .bare", tree: "beside", folder: "beside/.bare" },
  { layout: "--separate-git-dir", tree: "separate", folder: "store" },
  { layout: "a worktree of a bare repository", tree: "feature", folder: "trunk.git" },
  { layout: "a repository", tree: "app", folder: "app/.git" },
  { layout: "a submodule", tree: "app/lib", folder: "app/.git/modules/lib" },
];
/** Each is also a git directory, of a worktree: its `commondir` names another. */
const linked = ["trunk.git/worktrees/feature"];
const settings = { "git.repositoryScanMaxDepth": 3, "git.openRepositoryInParentFolders": "always" };

let folder: string;
let tripwire: string;
let trap: string;
let browser: Browser;
let gateway: RunningGateway;
let page: Page;
let session: SessionClient;

/** Real git, as its owner uses it. */
function git(place: string, ...args: string[]): void {
  const person = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"];
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
  execFileSync("git", ["-C", join(gateway.workspace, place), ...person, ...args], { env, stdio: "pipe" });
}

function commit(place: string): void {
  git(place, "add", "-A");
  git(place, "commit", "-q", "--allow-empty", "-m", "first");
}

async function makeRepositories(): Promise<void> {
  for (const name of ["beside", "seed", "lib-source", "app"]) await mkdir(join(gateway.workspace, name));
  git("beside", "init", "-q", "--bare", ".bare");
  git("beside/.bare", "config", "core.bare", "false");
  await writeFile(join(gateway.workspace, "beside/.git"), "gitdir: ./.bare\n");
  git("", "init", "-q", "--separate-git-dir", join(gateway.workspace, "store"), "separate");
  for (const name of ["seed", "lib-source", "app"]) git(name, "init", "-q");
  commit("seed");
  git("", "clone", "-q", "--bare", "seed", "trunk.git");
  git("trunk.git", "worktree", "add", "-q", "../feature", "-b", "feature");
  commit("lib-source");
  git("app", "submodule", "add", "-q", "../lib-source", "lib");
  for (const tree of ["beside", "separate", "app"]) commit(tree);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-tripwire-"));
  tripwire = join(folder, "tripwire");
  trap = join(folder, "trap.sh");
  await writeFile(trap, `#!/bin/sh\npwd >> ${tripwire}\nexit 1\n`);
  await chmod(trap, 0o755);
  const environment = { GIT_TRACE2_EVENT: join(folder, "trace") };
  browser = await launchBrowser();
  gateway = await startGateway({ settings, files: { "a.txt": "a\n" }, environment });
  await makeRepositories();
  await ideReady(gateway);
  ({ page } = await newPage(browser));
  await page.goto(gateway.url);
  await workbenchVisible(page);
  const { url } = await createShare(gateway, "--permission", "edit");
  session = await (await new GuestClient(gateway.url, url).enter("Eve")).session();
});
afterAll(async () => {
  session?.socket.close();
  await browser?.close();
  await gateway?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Working trees in which the IDE has run `git status` since then, according to git itself. */
async function refreshed(since: number): Promise<Set<string>> {
  const trace = await readFile(join(folder, "trace"), "utf8").catch(() => "");
  const statuses = new Set<string>();
  const trees = new Map<string, string>();
  for (const line of trace.slice(since).split("\n")) {
    const event = parsed(line);
    if (event?.event === "start" && event.argv?.includes("status")) statuses.add(event.sid);
    // The others are submodules that it looks into.
    if (event?.event === "def_repo" && event.repo === 1) trees.set(event.sid, event.worktree ?? "");
  }
  return new Set([...statuses].map((sid) => trees.get(sid) ?? ""));
}

interface TraceEvent {
  readonly event: string;
  readonly sid: string;
  readonly argv?: readonly string[];
  readonly worktree?: string;
  readonly repo?: number;
}

/** The last line may be half written. */
function parsed(line: string): TraceEvent | undefined {
  try {
    return JSON.parse(line) as TraceEvent;
  } catch {
    return undefined;
  }
}

/** The owner works in working trees until the IDE's git has looked at each of them. */
async function refresh(...trees: string[]): Promise<void> {
  const since = existsSync(join(folder, "trace")) ? (await readFile(join(folder, "trace"), "utf8")).length : 0;
  const paths = trees.map((tree) => join(gateway.workspace, tree));
  let next = 0;
  await expect
    .poll(async () => {
      // Not each time: the IDE waits until nothing has changed for a second.
      if (performance.now() > next) {
        await Promise.all(paths.map((path) => appendFile(join(path, "notes.txt"), "a line\n")));
        next = performance.now() + 10_000;
      }
      return [...(await refreshed(since))];
    }, patience)
    .toEqual(expect.arrayContaining(paths));
}

const configOf = (place: string) => join(gateway.workspace, place, "config");

it.each(places)("the tripwire fires in the IDE when the owner sets it in $layout", async ({ tree, folder: place }) => {
  const before = await readFile(configOf(place));
  await appendFile(configOf(place), `[core]\n\tfsmonitor = ${trap}\n`);
  await refresh(tree);
  await expect.poll(() => existsSync(tripwire), patience).toBe(true);
  await writeFile(configOf(place), before);
  // A status that began with the old configuration has ended once another one has.
  await refresh(tree);
  await rm(tripwire, { force: true });
  await refresh(tree);
  expect(existsSync(tripwire)).toBe(false);
});

async function attempt<M extends Method>(method: M, params: Params<M>): Promise<string> {
  const answer = await session.ask(method, params);
  return typeof answer === "object" && "code" in answer ? answer.code : "done";
}

const evil = () => `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfsmonitor = ${trap}\n`;
const write = (path: string, content: string, base: string | null = null) =>
  attempt("write", { path, base, content, encoding: "utf8" });
const versionOf = (path: string) =>
  existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : null;

/** Every way to put a configuration into a git directory that is there. */
async function attackDirectory(place: string): Promise<string[]> {
  const prepared = `prepared-${place.replaceAll("/", "-")}.txt`;
  await write(prepared, evil());
  const tries = [
    await write(`${place}/config`, evil()),
    await write(`${place}/config`, evil(), versionOf(configOf(place))),
    await write(`${place}/config.worktree`, evil()),
    await write(`${place}/commondir`, "../../mine\n"),
    await attempt("delete", { path: `${place}/config` }),
    await attempt("rename", { from: prepared, to: `${place}/config` }),
    await attempt("rename", { from: place, to: "moved-away" }),
    await attempt("delete", { path: place, recursive: true }),
  ];
  for (const spelled of [place.toUpperCase(), `${place}/`, `./${place}`, place.replace("/", "//"), `a/../${place}`]) {
    tries.push(await write(`${spelled}/config`, evil(), versionOf(configOf(place))));
  }
  return tries;
}

/** Every way to have a `.git` file lead somewhere else. */
async function attackPointer(tree: string): Promise<string[]> {
  const path = `${tree}/.git`;
  const file = join(gateway.workspace, path);
  return [
    await write(path, "gitdir: ../mine\n", versionOf(file)),
    await attempt("delete", { path }),
    await attempt("rename", { from: path, to: `${tree}/git-away` }),
    await attempt("rename", { from: "pointer.txt", to: path }),
  ];
}

it("R11: no attempt of a Full Access guest springs the tripwire of the IDE's git", async () => {
  const directories = [...places.map((place) => place.folder), ...linked];
  const trees = places.map(({ tree }) => tree).filter((tree) => tree !== "app");
  const pointers = trees.map((tree) => readFileSync(join(gateway.workspace, tree, ".git"), "utf8"));

  await write("pointer.txt", "gitdir: ../mine\n");
  for (const place of directories) expect(await attackDirectory(place), place).not.toContain("done");
  for (const tree of trees) expect(await attackPointer(tree), tree).not.toContain("done");

  // One of their own, piece by piece, beside a working tree of their own; and one that borrows the rest.
  for (const own of ["mine", "mine2", "work/.bare", "x.git"]) {
    await attempt("create", { path: own.split("/")[0] ?? own, kind: "folder" });
    for (const path of [own, `${own}/objects`, `${own}/refs`]) await attempt("create", { path, kind: "folder" });
    await write(`${own}/config`, evil());
    await write(`${own}/HEAD`, "ref: refs/heads/main\n");
    await write(`${own}/commondir`, "../trunk.git\n");
    await write(`${own}/.git`, "gitdir: .\n");
  }
  await write("work/.git", "gitdir: ./.bare\n");
  await write("pointer2.txt", "gitdir: ./.bare\n");
  await attempt("rename", { from: "pointer2.txt", to: "work/.git" });
  await attempt("rename", { from: "work", to: "renamed" });
  await write(".gitmodules", `[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n\tupdate = !${trap}\n`);
  await write(".gitconfig", evil());

  const all = places.map(({ tree }) => tree);
  await refresh(...all);
  await refresh(...all);
  // The IDE opens a repository as soon as somebody looks at a file in one.
  for (const name of ["mine", "mine2", "work", "renamed", "x.git"]) {
    if (existsSync(join(gateway.workspace, name))) await writeFile(join(gateway.workspace, name, "seen.txt"), "seen\n");
  }
  await page.reload();
  await workbenchVisible(page);
  await refresh(...all);
  expect(existsSync(tripwire)).toBe(false);
  // The IDE itself writes in it.
  for (const place of directories.filter((one) => existsSync(configOf(one)))) {
    expect(await readFile(configOf(place), "utf8"), place).not.toContain(trap);
  }
  expect(trees.map((tree) => readFileSync(join(gateway.workspace, tree, ".git"), "utf8"))).toEqual(pointers);
});
