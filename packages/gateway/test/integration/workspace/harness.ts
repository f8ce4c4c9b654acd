import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AccessScope, Actor, FileChange, Level, Params, Result, ShareState } from "@waiide/protocol";
import pino from "pino";
import { onTestFinished } from "vitest";
import { defaultHidden } from "../../../src/config/names/hidden-names.ts";
import { defaultProtected } from "../../../src/config/names/protected-names.ts";
import { FileError } from "../../../src/workspace/file-error.ts";
import type { FileWork } from "../../../src/workspace/file-work.ts";
import type { GuestWrite } from "../../../src/workspace/guest.ts";
import type { FileMethod, GuestWorkspace } from "../../../src/workspace/guest-workspace.ts";
import { type FileLimits, fileLimitsOf } from "../../../src/workspace/limits.ts";
import { FileRules } from "../../../src/workspace/rules/rules.ts";
import type { SelectionTracker } from "../../../src/workspace/selection/selection.ts";
import { Workspace } from "../../../src/workspace/workspace.ts";

/** What a tree is made of: text of files, `null` for folders, `->` before the text of a link. */
export type Plan = Readonly<Record<string, string | null>>;

/** A folder of the test's own, deleted at its end. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waiide-files-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function plant(folder: string, plan: Plan): Promise<void> {
  for (const [path, content] of Object.entries(plan)) {
    const place = join(folder, path);
    await mkdir(content === null ? place : dirname(place), { recursive: true });
    if (content?.startsWith("->")) await symlink(content.slice(2).trim(), place);
    else if (content !== null) await writeFile(place, content);
  }
}

/** Everything below a folder: kinds, modes, contents and texts of links. Equal states have equal pictures. */
export function pictureOf(folder: string): Record<string, string> {
  const picture: Record<string, string> = {};
  for (const name of readdirSync(folder).sort()) {
    const place = join(folder, name);
    const stats = lstatSync(place);
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) picture[name] = `link ${readlinkSync(place)}`;
    else if (stats.isFile())
      picture[name] = `file ${mode} ${createHash("sha1").update(readFileSync(place)).digest("hex")}`;
    else picture[name] = `${stats.isDirectory() ? "folder" : "other"} ${mode}`;
    if (!stats.isDirectory()) continue;
    for (const [inner, what] of Object.entries(pictureOf(place))) picture[`${name}/${inner}`] = what;
  }
  return picture;
}

export interface GuestSettings {
  readonly level?: Level;
  readonly scope?: AccessScope;
  readonly state?: ShareState;
  readonly selection?: SelectionTracker | undefined;
  readonly session?: string;
  readonly share?: string;
  /** Called whenever the guest's rights are asked for. */
  readonly onAsked?: () => void;
}

/** A guest whose rights the test changes as it likes. */
export class TestGuest {
  actor: Actor;
  readonly changes: FileChange[] = [];
  readonly writes: GuestWrite[] = [];
  readonly workspace: GuestWorkspace;

  constructor(workspace: Workspace, settings: GuestSettings = {}) {
    const { level = "edit", scope = { kind: "workspace" }, state = "live", session = "guest-1", selection } = settings;
    this.actor = { kind: "guest", level, scope, state };
    this.workspace = workspace.guest({
      share: settings.share ?? "share-1",
      session,
      actor: () => {
        settings.onAsked?.();
        return this.actor;
      },
      ...(selection === undefined ? {} : { selection }),
      onChanges: (changes) => this.changes.push(...changes),
      onWrite: (write) => this.writes.push(write),
    });
  }

  ask<M extends FileMethod>(
    method: M,
    params: Params<M>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Result<M>> {
    return this.workspace.handle(method, params, signal);
  }

  /** The code of the refusal, or `done`. */
  async outcome<M extends FileMethod>(method: M, params: Params<M>): Promise<string> {
    return outcomeOf(this.ask(method, params));
  }

  async read(path: string): Promise<string> {
    return (await this.ask("read", { path })).content;
  }

  /** All names of a folder, over all pages. */
  async names(path: string): Promise<string[]> {
    const names: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: Result<"list"> = await this.ask("list", cursor === undefined ? { path } : { path, cursor });
      names.push(...page.entries.map(({ name }) => name));
      cursor = page.next;
    }
    return names;
  }

  /** Reads, and saves another text. */
  async change(path: string, content: string): Promise<Result<"write">> {
    const { version } = await this.ask("read", { path });
    return this.ask("write", { path, base: version, content, encoding: "utf8" });
  }
}

export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    if (error instanceof FileError) return error.code;
    throw error;
  }
}

export interface WorkspaceSettings {
  readonly limits?: Partial<FileLimits>;
  readonly outside?: readonly string[];
  readonly isHome?: boolean;
  readonly ripgrep?: string | undefined;
  readonly work?: FileWork;
}

/** Limits under which tests run on any disk. */
export function testLimits(): FileLimits {
  return { ...fileLimitsOf(), minimumFree: 0, minimumFreePart: 0 };
}

/** Closed at the end of the test. */
export async function openWorkspace(root: string, settings: WorkspaceSettings = {}): Promise<Workspace> {
  const { limits, outside = [], isHome = false, ripgrep, work } = settings;
  const workspace = await Workspace.open({
    root,
    rules: new FileRules({ hidden: defaultHidden, protected: defaultProtected, isHome, root }),
    outside,
    limits: { ...testLimits(), ...limits },
    ripgrep,
    ...(work === undefined ? {} : { work }),
    logger: pino({ level: "silent" }),
  });
  onTestFinished(() => workspace.close());
  return workspace;
}

/** A tree, its workspace and a guest at Full Access. `outside` is a folder beside the root. */
export async function setUp(plan: Plan, settings: WorkspaceSettings & GuestSettings = {}) {
  const folder = await makeFolder();
  const root = join(folder, "root");
  await mkdir(root);
  await plant(root, plan);
  const workspace = await openWorkspace(root, settings);
  return { folder, root, workspace, guest: new TestGuest(workspace, settings) };
}
