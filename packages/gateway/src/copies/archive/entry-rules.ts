import { CopyRefusal } from "../refusal.ts";

/** What the directory of a zip says about one of its files. */
export interface ArchiveEntry {
  readonly name: string;
  /** Unpacked. Bytes. */
  readonly size: number;
  /** Type and permissions as Unix writes them; 0: the zip does not say. */
  readonly mode: number;
  readonly isEncrypted: boolean;
}

/** A file that will be written. */
export interface PlannedFile<Entry extends ArchiveEntry = ArchiveEntry> {
  readonly entry: Entry;
  /** Below the folder of the copy. */
  readonly path: string;
  readonly isProgram: boolean;
}

export interface Plan<Entry extends ArchiveEntry = ArchiveEntry> {
  readonly files: readonly PlannedFile<Entry>[];
  readonly folders: readonly string[];
  /** Links: they are not copied. */
  readonly leftOut: readonly string[];
  /** Bytes. */
  readonly size: number;
}

export interface ArchiveLimits {
  readonly entries: number;
  /** Of all files together. Bytes. */
  readonly size: number;
}

const typeMask = 0o170000;
const [regular, folder, link] = [0o100000, 0o040000, 0o120000];
/** Of a file system: longer names cannot be written. Bytes. */
const maxName = 255;
const maxPath = 3_000;
/** Control characters, halves of characters, what turns the direction of text, and what stands for undecodable bytes. */
const unshowable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd\\]/u;

/**
 * RULES R29: decides, before anything is written, what of a stranger's archive becomes a file. Whatever no honest archive
 * contains refuses the whole.
 * @param top the folder in which everything must lie
 * @throws CopyRefusal
 */
export function planOf<Entry extends ArchiveEntry>(
  entries: readonly Entry[],
  top: string,
  limits: ArchiveLimits,
): Plan<Entry> {
  if (entries.length > limits.entries) throw new CopyRefusal(`it has more than ${limits.entries} files`);
  const [files, folders, leftOut]: [PlannedFile<Entry>[], Set<string>, string[]] = [[], new Set(), []];
  let size = 0;
  for (const entry of entries) {
    const type = entry.mode & typeMask;
    const isFolder = entry.name.endsWith("/") || type === folder;
    const path = pathOf(isFolder ? entry.name.replace(/\/$/, "") : entry.name, top);
    if (type === link) leftOut.push(path);
    else if (isFolder) addFolders(folders, path);
    else {
      if (type !== 0 && type !== regular) throw new CopyRefusal(`“${shown(path)}” is neither a file nor a folder`);
      if (entry.isEncrypted) throw new CopyRefusal(`“${shown(path)}” is encrypted`);
      if (path === "") throw new CopyRefusal("it has a file in place of its folder");
      files.push({ entry, path, isProgram: (entry.mode & 0o111) !== 0 });
      addFolders(folders, parentOf(path));
      size += entry.size;
    }
  }
  if (size > limits.size) throw new CopyRefusal(`it has more than ${Math.floor(limits.size / 1024 ** 2)} MB`);
  requireDistinct(files, folders);
  return { files, folders: [...folders], leftOut, size };
}

/** @throws CopyRefusal */
function pathOf(name: string, top: string): string {
  const [first, ...rest] = name.split("/");
  if (first !== top) throw new CopyRefusal(`“${shown(name)}” lies outside of its folder`);
  for (const segment of rest) checkSegment(segment, name);
  if (name.length > maxPath) throw new CopyRefusal("it has a path that is too long");
  return rest.join("/");
}

function checkSegment(segment: string, name: string): void {
  const refuse = (reason: string) => new CopyRefusal(`“${shown(name)}” ${reason}`);
  if (segment === "" || segment === "." || segment === "..") throw refuse("leads elsewhere");
  if (unshowable.test(segment)) throw refuse("has characters that cannot be shown");
  if (Buffer.byteLength(segment) > maxName) throw refuse("is too long");
  if (isGitFolder(segment)) throw refuse("is part of a git repository");
}

/** Git's folder and what file systems take for it: other case, what is not seen, dots at the end, the short name of Windows. */
function isGitFolder(segment: string): boolean {
  const plain = segment
    .replace(/\p{Cf}/gu, "")
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[. ]+$/, "");
  return plain === ".git" || plain === "git~1" || plain.startsWith(".git:");
}

function addFolders(folders: Set<string>, path: string): void {
  for (let at = path; at !== ""; at = parentOf(at)) folders.add(at);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Some disks take names for the same that differ in case or in how accents are written. */
function requireDistinct(files: readonly PlannedFile[], folders: ReadonlySet<string>): void {
  const seen = new Map<string, string>();
  for (const path of [...folders, ...files.map((file) => file.path)]) {
    const key = path.normalize("NFC").toLowerCase();
    if (seen.has(key)) throw new CopyRefusal(`it has “${shown(path)}” twice`);
    seen.set(key, path);
  }
}

/** A name for a message: without what cannot be shown. */
function shown(name: string): string {
  const plain = name.replace(new RegExp(unshowable.source, "gu"), "�");
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
}
