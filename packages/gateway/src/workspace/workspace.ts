import { realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Actor, EntryKind } from "@waiide/protocol";
import type { Logger } from "../base/log.ts";
import { unlessMissing } from "../system/missing-file.ts";
import { splitMark } from "./documents/bom.ts";
import type { Content, Saved } from "./documents/content.ts";
import { isText } from "./documents/content.ts";
import { Documents } from "./documents/documents.ts";
import { History } from "./documents/history.ts";
import type { LiveTexts } from "./documents/live-texts.ts";
import { FileError } from "./file-error.ts";
import { FileWork } from "./file-work.ts";
import type { GuestOptions } from "./guest.ts";
import { GuestWorkspace } from "./guest-workspace.ts";
import type { FileLimits } from "./limits.ts";
import { SeenNotebooks } from "./notebooks/seen-notebooks.ts";
import type { WorkspaceParts } from "./parts.ts";
import { FolderKinds } from "./rules/folder-kinds.ts";
import { Rights } from "./rules/rights.ts";
import type { FileRules } from "./rules/rules.ts";
import { type SelectionRange, SelectionTracker } from "./selection/selection.ts";
import { Listing } from "./tree/listing.ts";
import { Tree } from "./tree/tree.ts";
import { Changes } from "./watch/changes.ts";
import { WorkspaceFile } from "./workspace-file.ts";

/** Content kept for merging. Bytes. */
const historySize = 32 * 1024 * 1024;

/** The owner's saves have a budget of their own for merging, which no share can use up. */
const ownerTurn = "owner";

/** What a save for the owner works with. */
export interface OwnerSaveMeans {
  /** In a thread of its own; undefined where both changed the same lines, or it takes too long. */
  readonly merge: (base: string, mine: string, theirs: string) => Promise<string | undefined>;
  /** What the file held in a version that guests read or wrote, while that is remembered. */
  readonly held: (version: string) => Buffer | undefined;
}

export interface WorkspaceOptions {
  /** Absolute path of the shared folder. */
  readonly root: string;
  readonly rules: FileRules;
  /** Absolute paths outside every scope, whatever the rules: gateway data, IDE data, the folder of sockets. */
  readonly outside: readonly string[];
  readonly limits: FileLimits;
  /** Absolute path of ripgrep, from `findRipgrep`; without it there is no search. */
  readonly ripgrep?: string | undefined;
  readonly logger: Logger;
  /** One object for all workspaces of a gateway. */
  readonly work?: FileWork;
  /** The files that several people write in at once; one object for all workspaces of a gateway. */
  readonly live?: LiveTexts | undefined;
  /** Device and inode of home folders; see `homesFor`. */
  readonly homes?: ReadonlySet<string>;
  /** Milliseconds. */
  readonly clock?: () => number;
}

/** The files below one root, for the guests of all its shares. */
export class Workspace {
  readonly #parts: WorkspaceParts;
  readonly #guests = new Set<GuestWorkspace>();

  private constructor(parts: WorkspaceParts) {
    this.#parts = parts;
  }

  /** @throws ENOENT and the like if the root is not there */
  static async open(options: WorkspaceOptions): Promise<Workspace> {
    const { root, rules, limits, logger, clock = Date.now, work = new FileWork() } = options;
    const real = await realpath(root);
    const kinds = new FolderKinds({ root: real, rules, homes: options.homes ?? new Set() });
    await kinds.lookAbove();
    const tree = await Tree.open([real, root], kinds);
    const outside = await placesBelow(real, options.outside);
    const history = new History(historySize);
    const documents = new Documents({ limits, history, work, root: real, live: options.live });
    const allowance = limits.watchedFolders;
    return new Workspace({
      tree,
      kinds,
      rules,
      outside,
      limits,
      history,
      listing: new Listing(tree, limits.listPage, clock),
      documents,
      notebooks: new SeenNotebooks({ tree, documents, limits }),
      changes: new Changes({ tree, rules, outside, documents, allowance, logger, clock }),
      ripgrep: options.ripgrep,
      searches: new Map(),
      root: real,
      live: options.live,
      work,
      logger,
    });
  }

  /** A file as its live text sees it. @param path relative to the root, after links */
  file(path: string): WorkspaceFile {
    return new WorkspaceFile(this.#parts, path);
  }

  /** Where files are by now, by their identities; paths relative to the root. */
  findFiles(identities: ReadonlySet<string>): Promise<Map<string, string>> {
    return this.#parts.tree.findFiles(identities);
  }

  guest(options: GuestOptions): GuestWorkspace {
    const guest = new GuestWorkspace(this.#parts, options, () => this.#guests.delete(guest));
    this.#guests.add(guest);
    return guest;
  }

  /**
   * The kind of what a new share would show, under the rules for guests.
   * @param path as guests name it
   * @returns undefined for what is missing, hidden, outside, or neither file nor folder
   */
  async kindOf(path: string, show: readonly string[] = []): Promise<EntryKind | undefined> {
    await using found = await this.#parts.tree.look(path, this.#anyGuest(show));
    return found?.path === path ? found.kind : undefined;
  }

  /** Whether the lists, or what was found on the way to it, hide a path. */
  isHidden(path: string, show: readonly string[]): boolean {
    return this.#parts.rules.isHidden(path, show);
  }

  /**
   * Why the root itself is hidden from guests, its parents included; undefined: it is not. `home`: it lies in a name with
   * a dot at the top of a home folder.
   * @param show names at the top of home folders that the owner ticked
   */
  async whyHidden(show: readonly string[]): Promise<"home" | "hidden" | undefined> {
    const { tree, rules } = this.#parts;
    await this.#parts.kinds.lookAbove();
    const found = await tree.look("", this.#anyGuest(show));
    await found?.[Symbol.asyncDispose]();
    if (found !== undefined) return undefined;
    const { rootDotName } = rules;
    const helps = rootDotName !== undefined && !rules.isHidden("", [...show, rootDotName]);
    return helps ? "home" : "hidden";
  }

  /** The name with a dot, at the top of a home folder, that the root lies in. */
  get rootDotName(): string | undefined {
    return this.#parts.rules.rootDotName;
  }

  /**
   * Begins to follow the lines of a new selection share.
   * @returns undefined if they are not in the file, or empty
   * @throws FileError NOT_FOUND; TOO_LARGE, INVALID for files that are no text
   */
  async select(
    path: string,
    range: SelectionRange,
    show: readonly string[] = [],
  ): Promise<SelectionTracker | undefined> {
    return SelectionTracker.create(await this.#textOf(path, show), range);
  }

  /** @throws FileError as `select` does */
  async countLines(path: string, show: readonly string[] = []): Promise<number> {
    return (await this.#textOf(path, show)).split("\n").length;
  }

  /**
   * Changes a file for its owner, in turn with guests' saves of it.
   * @param change gives the new content; what it throws ends it
   * @throws FileError as saves do
   */
  async saveAsOwner(
    path: string,
    change: (current: Content, means: OwnerSaveMeans) => Promise<Buffer>,
  ): Promise<Saved> {
    const { tree, documents, changes, rules, outside, history, work } = this.#parts;
    const rights = new Rights({ kind: "owner" }, rules, outside);
    const find = () => tree.find(path, rights, "write");
    const document = documents.at(await pathOf(find()));
    const means: OwnerSaveMeans = {
      merge: (base, mine, theirs) => work.merger.merge(ownerTurn, base, mine, theirs),
      held: (version) => history.find(document.path, version),
    };
    const saved = await document.save({
      session: undefined,
      find,
      named: path,
      begun: undefined,
      change: (current) => change(current, means),
    });
    changes.wrote(document.path);
    return saved;
  }

  async close(): Promise<void> {
    const guests = [...this.#guests];
    for (const guest of guests) guest.close();
    this.#parts.changes.close();
    // Writes are finished, and searches were killed.
    await Promise.all(guests.map((guest) => guest.settled()));
    await this.#parts.tree.close();
  }

  async #textOf(path: string, show: readonly string[]): Promise<string> {
    const { tree, documents, limits } = this.#parts;
    await using found = await tree.find(path, this.#anyGuest(show));
    const { bytes } = await documents.at(found.path).read(found, limits.read);
    if (!isText(bytes)) throw new FileError("INVALID", "The file is not text in UTF-8.");
    return splitMark(String(bytes)).text;
  }

  #anyGuest(show: readonly string[] = []): Rights {
    const actor: Actor = { kind: "guest", level: "edit", scope: { kind: "workspace", show }, state: "live" };
    return new Rights(actor, this.#parts.rules, this.#parts.outside);
  }
}

/** The path after links of what was found, which is then let go. */
async function pathOf(finding: ReturnType<Tree["find"]>): Promise<string> {
  await using found = await finding;
  return found.path;
}

/** Those of the absolute paths that lie below the root, relative to it; also what is not there yet. */
async function placesBelow(root: string, paths: readonly string[]): Promise<string[]> {
  const real = await Promise.all(paths.map(realPathOf));
  const all = [...paths, ...real].map((path) => relative(root, path));
  return [...new Set(all.filter((path) => path !== "" && path !== ".." && !path.startsWith("../")))];
}

/** Follows links as far as the path exists. */
async function realPathOf(path: string): Promise<string> {
  const real = await unlessMissing(realpath(path));
  if (real !== undefined) return real;
  const folder = dirname(path);
  return folder === path ? path : join(await realPathOf(folder), path.slice(folder.length));
}
