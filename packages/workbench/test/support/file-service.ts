import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  type Entry,
  type Level,
  type Method,
  type Params,
  parseGuestPath,
  type ReadOnlyReason,
  type Result,
  type Scope,
  type SessionErrorCode,
} from "@waiide/protocol";

/** Why the server does not do what was asked. */
export class Refusal extends Error {
  readonly code: SessionErrorCode;
  readonly version: string | undefined;

  constructor(code: SessionErrorCode, message: string, version?: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.version = version;
  }
}

type FileMethod = Exclude<Method, "watch" | "unwatch" | "presence" | "cancel">;
type Handlers = { [M in FileMethod]: (params: Params<M>) => Promise<Result<M>> };

/** Entries of one answer. */
const pageSize = 500;

/** Hidden as the gateway hides it; never written as it protects it. */
const hiddenNames = new Set([".git", ".env"]);
const protectedNames = new Set([".vscode", "conftest.py"]);
const because = "test runners, linters and formatters run it when the folder is opened or a file is saved";

/** The files of a share, as a gateway would answer for them. */
export class FileService {
  readonly readLimit: number;
  /** The place of a selection is no longer certain. */
  outdated = false;
  readonly #root: string;
  readonly #level: () => Level;
  readonly #scope: Scope;
  readonly #handlers: Handlers;

  constructor(root: string, level: () => Level, scope: Scope, readLimit: number) {
    this.#root = root;
    this.#level = level;
    this.#scope = scope;
    this.readLimit = readLimit;
    this.#handlers = {
      list: (params) => this.#list(params),
      stat: ({ path }) => this.#entry(path),
      read: (params) => this.#read(params),
      write: (params) => this.#write(params),
      create: (params) => this.#create(params),
      rename: (params) => this.#rename(params),
      delete: (params) => this.#delete(params),
      search: (params) => this.#search(params),
      find: (params) => this.#find(params),
      // No owner edits here, so that nothing is ever kept.
      version: () => Promise.reject(new Refusal("NOT_FOUND", "There is no such file or folder in this share.")),
    };
  }

  get rootName(): string {
    return basename(this.#root);
  }

  /** What goes while it is looked at is not there. */
  answer<M extends FileMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    return present(this.#handlers[method](params));
  }

  /** The real path; refuses what is hidden or outside the scope. */
  real(path: string): string {
    const segments = parseGuestPath(path);
    if (segments === undefined) throw new Refusal("INVALID", "This is no path.");
    const { kind } = this.#scope;
    const shared = kind === "workspace" ? "" : this.#scope.path;
    const inside = shared === "" || path === shared || (kind === "folder" && path.startsWith(`${shared}/`));
    if (!inside || segments.some((name) => hiddenNames.has(name)))
      throw new Refusal("NOT_FOUND", "There is no such file.");
    return join(this.#root, ...segments);
  }

  #refusal(path: string): ReadOnlyReason | undefined {
    if (this.#level() === "view") return "level";
    if (path.split("/").some((name) => protectedNames.has(name))) return "protected";
    return this.outdated ? "outdated" : undefined;
  }

  #mustBeWritable(path: string): void {
    if (this.#level() === "view") throw new Refusal("DENIED", "This share is View Only.");
    if (this.#refusal(path) === "protected") throw new Refusal("DENIED", "This file is protected.");
  }

  async #entry(path: string): Promise<Entry> {
    const found = await present(stat(this.real(path)));
    const isFile = found.isFile();
    const reason = this.#refusal(path) ?? ((found.mode & 0o222) === 0 ? "locked" : undefined);
    return {
      name: path.split("/").at(-1) || this.rootName,
      kind: isFile ? "file" : "folder",
      size: isFile ? found.size : 0,
      modified: found.mtimeMs,
      writable: reason === undefined,
      ...(reason !== undefined && { read_only: reason }),
      ...(reason === "protected" && { protected_because: because }),
    };
  }

  async #list({ path, cursor }: Params<"list">): Promise<Result<"list">> {
    const found = await present(readdir(this.real(path)));
    const names = found.filter((name) => !hiddenNames.has(name) && !name.endsWith("~")).sort();
    const first = Number(cursor ?? 0);
    const paths = names.slice(first, first + pageSize).map((name) => (path === "" ? name : `${path}/${name}`));
    const entries = await Promise.all(paths.map((entry) => this.#entry(entry)));
    const next = first + pageSize < names.length ? String(first + pageSize) : null;
    return { entries, next };
  }

  async #read({ path }: Params<"read">): Promise<Result<"read">> {
    const entry = await this.#entry(path);
    if (entry.kind !== "file") throw new Refusal("NOT_A_FILE", "This is a folder.");
    if (entry.size > this.readLimit) throw new Refusal("TOO_LARGE", "This file is too large to be read at once.");
    const bytes = await readFile(this.real(path));
    const isText = bytes.equals(Buffer.from(bytes.toString("utf8")));
    const { modified, writable } = entry;
    const encoding = isText ? "utf8" : "base64";
    const isForeign = !isText && !bytes.includes(0);
    return {
      version: versionOf(bytes),
      encoding,
      content: this.#part(bytes.toString(encoding)),
      size: bytes.length,
      modified,
      writable: writable && !isForeign,
      ...(isForeign && { read_only: "encoding" }),
      ...(this.#scope.kind === "selection" && { selection: { ...this.#scope, outdated: this.outdated } }),
    };
  }

  /** Of a selection its lines; where they are is what the share was made with. */
  #part(text: string): string {
    if (this.#scope.kind !== "selection") return text;
    return text
      .split("\n")
      .slice(this.#scope.line - 1, this.#scope.end_line)
      .join("\n");
  }

  async #write({ path, base, content, encoding, base_content }: Params<"write">): Promise<Result<"write">> {
    this.#mustBeWritable(path);
    const file = this.real(path);
    const ours = Buffer.from(content, encoding);
    const now = await readFile(file).catch(() => undefined);
    const version = now === undefined ? null : versionOf(now);
    if (version === base || now === undefined) {
      if (now === undefined && base !== null) throw new Refusal("NOT_FOUND", "There is no such file.");
      return this.#save(path, ours);
    }
    if (base_content === undefined) throw new Refusal("CONFLICT", "The file has changed.", version ?? "");
    const merged = await merge(content, base_content, now.toString("utf8"));
    if (merged === undefined) throw new Refusal("CONFLICT", "The changes overlap.", version ?? "");
    return { ...(await this.#save(path, Buffer.from(merged))), merged };
  }

  async #save(path: string, bytes: Buffer): Promise<Result<"write">> {
    const file = this.real(path);
    await writeFile(`${file}~`, bytes);
    await rename(`${file}~`, file);
    const { size, modified } = await this.#entry(path);
    return { version: versionOf(bytes), size, modified };
  }

  async #create({ path, kind }: Params<"create">): Promise<Entry> {
    this.#mustBeWritable(path);
    const file = this.real(path);
    await free(kind === "folder" ? mkdir(file) : writeFile(file, "", { flag: "wx" }));
    return this.#entry(path);
  }

  async #rename({ from, to }: Params<"rename">): Promise<Entry> {
    this.#mustBeWritable(from);
    this.#mustBeWritable(to);
    const there = await stat(this.real(to)).catch(() => undefined);
    if (there !== undefined) throw new Refusal("EXISTS", "There is something of that name.");
    await present(rename(this.real(from), this.real(to)));
    return this.#entry(to);
  }

  async #delete({ path, recursive }: Params<"delete">): Promise<Record<string, never>> {
    this.#mustBeWritable(path);
    const file = this.real(path);
    const found = await present(stat(file));
    if (recursive) await rm(file, { recursive: true });
    else await (found.isDirectory() ? rmdir(file) : unlink(file));
    return {};
  }

  async *#walk(folder: string): AsyncGenerator<string> {
    if (this.#scope.kind === "file" || this.#scope.kind === "selection") return yield this.#scope.path;
    for (const entry of await readdir(this.real(folder), { withFileTypes: true })) {
      if (hiddenNames.has(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* this.#walk(path);
      else yield path;
    }
  }

  async #search(params: Params<"search">): Promise<Result<"search">> {
    const escaped = params.regexp ? params.pattern : params.pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const expression = new RegExp(params.whole_word ? `\\b${escaped}\\b` : escaped, params.case_sensitive ? "g" : "gi");
    const files: Result<"search">["files"] = [];
    for await (const path of this.#walk(params.folder ?? "")) {
      const text = await readFile(this.real(path), "utf8");
      const matches = text.split(/\r?\n/).flatMap((line, index) =>
        [...line.matchAll(expression)].map((match) => ({
          line: index + 1,
          text: line,
          start: match.index,
          end: match.index + match[0].length,
          offset: 0,
        })),
      );
      if (matches.length > 0) files.push({ path, matches });
    }
    return { files, incomplete: false };
  }

  async #find({ pattern, most = 200 }: Params<"find">): Promise<Result<"find">> {
    const letters = [...pattern.toLowerCase().replace(/\s/g, "")];
    const paths: string[] = [];
    for await (const path of this.#walk(this.#scope.kind === "folder" ? this.#scope.path : "")) {
      let at = 0;
      for (const letter of path.toLowerCase()) if (letter === letters[at]) at++;
      if (at === letters.length) paths.push(path);
    }
    return { paths: paths.slice(0, most), incomplete: paths.length > most };
  }
}

export function versionOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Three ways, with git's own merge; undefined where the changes overlap. */
async function merge(ours: string, base: string, theirs: string): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "waiide-merge-"));
  try {
    const files = { ours, base, theirs };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await new Promise<string | undefined>((resolve, reject) => {
      execFile("git", ["merge-file", "-p", "ours", "base", "theirs"], { cwd: folder }, (error, output) => {
        if (error === null) return resolve(output);
        if (typeof error.code === "number" && error.code > 0 && error.code < 128) return resolve(undefined);
        reject(error);
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function present<T>(work: Promise<T>): Promise<T> {
  return refusing(work, { ENOENT: "NOT_FOUND", ENOTDIR: "NOT_FOUND", ENOTEMPTY: "NOT_EMPTY" });
}

async function free<T>(work: Promise<T>): Promise<T> {
  return refusing(work, { EEXIST: "EXISTS", ENOENT: "NOT_FOUND" });
}

async function refusing<T>(work: Promise<T>, codes: Readonly<Record<string, SessionErrorCode>>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = codes[(error as NodeJS.ErrnoException).code ?? ""];
    if (code === undefined) throw error;
    throw new Refusal(code, code);
  }
}
