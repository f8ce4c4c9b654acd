import type { Entry } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { FolderFiles } from "../../environment/folder-files.ts";
import { FileError } from "../../workspace/file-error.ts";
import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";
import type { Workspace } from "../../workspace/workspace.ts";

/** Folders that programs make again, and which would not work elsewhere. */
const remade = new Set([
  ...["node_modules", "bower_components", "__pycache__", ".ipynb_checkpoints", "site-packages", "conda-meta"],
  ...[".venv", "venv", "virtualenv", ".virtualenvs", ".conda", ".pixi", ".tox", ".nox", ".hatch", ".eggs"],
  ...[
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".cache",
    ".gradle",
    ".terraform",
    ".next",
    ".nuxt",
    ".parcel-cache",
  ],
]);
/** What makes a folder of any name a virtual environment. */
const environmentFile = "pyvenv.cfg";
const maxDepth = 64;
/** Texts that describe an environment are short. Bytes. */
const maxText = 1_000_000;
const gone: ReadonlySet<string> = new Set(["NOT_FOUND", "NOT_A_FILE", "INVALID", "DENIED", "TOO_LARGE"]);
const maxLeftOut = 100;
/** Names that no recipient unpacks: other systems take the backslash for a slash. */
const oddName = /[\p{Cc}\\]/u;

export interface WalkLimits {
  readonly files: number;
  /** Bytes, together. */
  readonly size: number;
  /** Bytes, of one file. */
  readonly file: number;
}

export interface WalkedFile {
  /** Below the shared folder. */
  readonly path: string;
  /** As guests name it. */
  readonly from: string;
  readonly size: number;
  readonly modified: number;
}

/** The files of a share that a copy holds, found with a guest's rights (RULES R9, R10). */
export interface Walked extends FolderFiles {
  readonly files: readonly WalkedFile[];
  readonly leftOut: readonly string[];
}

export interface WalkedScope {
  /** As guests name it; empty: the root. */
  readonly folder: string;
  /** Names at the top of home folders that the owner ticked. */
  readonly show: readonly string[];
}

/**
 * @throws GatewayError SHARE_COPY_FAILED beyond the limits; FileError where the share ended meanwhile
 */
export async function walk(
  workspace: Pick<Workspace, "kindOf">,
  guest: GuestWorkspace,
  { folder, show }: WalkedScope,
  limits: WalkLimits,
  signal: AbortSignal,
): Promise<Walked> {
  const files: WalkedFile[] = [];
  const leftOut: string[] = [];
  const prefix = folder === "" ? 0 : folder.length + 1;
  const leave = (path: string) => {
    if (leftOut.length < maxLeftOut) leftOut.push(path.slice(prefix));
  };
  const open = [folder];
  let size = 0;
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entries = await entriesOf(guest, path, signal);
    if (path !== folder && entries.some(({ name }) => name === environmentFile)) {
      leave(path);
      continue;
    }
    for (const { name, kind, size: bytes, modified } of entries) {
      const from = path === "" ? name : `${path}/${name}`;
      if (oddName.test(name)) continue;
      if (kind === "folder") {
        // A link to a folder could lead in a circle; its files are where they really are.
        const isReal = (await workspace.kindOf(from, show)) === "folder";
        if (remade.has(name) || !isReal || from.split("/").length > maxDepth) leave(from);
        else open.push(from);
        continue;
      }
      if (bytes > limits.file) {
        leave(from);
        continue;
      }
      files.push({ path: from.slice(prefix), from, size: bytes, modified });
      size += bytes;
      if (files.length > limits.files) throw tooMuch(`it has more than ${limits.files} files`);
      if (size > limits.size) throw tooMuch("its files are too large together");
    }
  }
  files.sort((one, other) => (one.path < other.path ? -1 : 1));
  const froms = new Map(files.map((file) => [file.path, file]));
  return {
    files,
    paths: files.map(({ path }) => path),
    leftOut,
    read: async (path) => {
      const file = froms.get(path);
      return file === undefined || file.size > maxText ? undefined : textOf(guest, file.from);
    },
  };
}

async function entriesOf(guest: GuestWorkspace, path: string, signal: AbortSignal): Promise<Entry[]> {
  const all: Entry[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await unlessGone(guest.handle("list", { path, ...(cursor ? { cursor } : {}) }, signal), path === "");
    all.push(...(page?.entries ?? []));
    cursor = page?.next;
  } while (cursor);
  return all;
}

async function textOf(guest: GuestWorkspace, path: string): Promise<string | undefined> {
  const file = await unlessGone(guest.open(path), false);
  if (file === undefined) return undefined;
  try {
    const bytes = Buffer.concat(await file.stream(0, Math.min(file.size, maxText) - 1).toArray());
    return bytes.includes(0) ? undefined : bytes.toString("utf8");
  } finally {
    await file.close();
  }
}

/** Files may go while others are read; the shared folder itself must be there. */
export async function unlessGone<Result>(work: Promise<Result>, isNeeded: boolean): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isNeeded && error instanceof FileError && gone.has(error.code)) return undefined;
    throw error;
  }
}

function tooMuch(reason: string): GatewayError {
  return new GatewayError("SHARE_COPY_FAILED", { reason });
}
