import { realpath, stat } from "node:fs/promises";
import { isAbsolute, sep } from "node:path";
import {
  type AppRequest,
  type CreateShare,
  type Level,
  levelOf,
  parseGuestPath,
  type Scope,
  type SharedCommit,
  type StoredApp,
} from "@waiide/protocol";
import { errorCodeOf } from "../../base/error-code.ts";
import { GatewayError, reasonOf } from "../../base/errors.ts";
import { expandHome } from "../../system/home-folder.ts";
import { FileError } from "../../workspace/file-error.ts";
import { homesFor } from "../../workspace/rules/homes.ts";
import type { SelectionTracker } from "../../workspace/selection/selection.ts";
import { projectsIn } from "../../workspace/tree/projects.ts";
import type { Workspace } from "../../workspace/workspace.ts";

/** What a request to create a share is checked against. */
export interface RequestCheckContext {
  readonly workspace: string;
  /** Whether there is a hub that knows people by name. */
  readonly hasHub: boolean;
  /** Absolute paths in which roots must lie. */
  readonly roots: readonly string[];
  /** Absolute paths that are never shared: the gateway's and the IDE's data, sockets. */
  readonly outside: readonly string[];
  readonly open: (root: string) => Promise<Workspace>;
  /** Checks the app of “Use the App”. */
  readonly checkApp: (app: AppRequest, confirmed: boolean) => Promise<CheckedApp>;
}

export interface CheckedApp {
  readonly app: StoredApp;
  /** What people call it. */
  readonly title: string;
}

/** A request whose every part was checked. */
export interface CheckedShare {
  readonly level: Level;
  /** Absolute, without links. */
  readonly root: string;
  readonly scope: Scope;
  /** Of a selection: follows its lines. */
  readonly selection: SelectionTracker | undefined;
  /** Of a commit: the share's id, under which its files lie already. */
  readonly commit?: { readonly id: string; readonly shown: SharedCommit };
  /** Of “Use the App”. */
  readonly app?: StoredApp | null;
}

/** SHARE_INVALID: the field and the reason, for the answer with 400. */
export function invalid(field: string, reason: string): GatewayError {
  return new GatewayError("SHARE_INVALID", { field, reason });
}

/**
 * Checks everything about a new share that needs the disk, and changes nothing.
 * @throws GatewayError SHARE_INVALID, SHARE_CONFIRM
 */
export async function checkRequest(request: CreateShare, surroundings: RequestCheckContext): Promise<CheckedShare> {
  if (request.with !== undefined && !surroundings.hasHub) {
    throw invalid("with", "sharing with people by name needs JupyterHub");
  }
  const level = levelOf(request.permission);
  if (level === "app") return checkAppRequest(request, surroundings);
  if (request.app !== undefined) throw invalid("app", "it needs the permission “Use the App”");
  const root = await checkRoot(request, surroundings);
  const workspace = await openVisible(request, root, surroundings);
  const checked = await checkScope(request, level, workspace);
  const { show } = request;
  if (show === undefined || show.length === 0) return { level, root, ...checked };
  return { level, root, ...checked, scope: { ...checked.scope, show } };
}

/** What belongs to files has no meaning for an app. */
const fileFields = ["root", "file", "line", "col", "end_line", "end_col", "opens", "show"] as const;

async function checkAppRequest(
  request: CreateShare,
  { workspace, checkApp }: RequestCheckContext,
): Promise<CheckedShare> {
  const stray = fileFields.find((field) => request[field] !== undefined);
  if (stray !== undefined) throw invalid(stray, "“Use the App” shares an app and no files");
  if (request.app === undefined) throw invalid("app", "“Use the App” needs the port or the name of the app");
  const { app, title } = await checkApp(request.app, request.confirm === true);
  return { level: "app", root: workspace, scope: { kind: "app", name: title }, selection: undefined, app };
}

/** @throws GatewayError SHARE_INVALID, SHARE_CONFIRM */
export async function checkRoot(
  request: CreateShare,
  { workspace, roots, outside }: Pick<RequestCheckContext, "workspace" | "roots" | "outside">,
): Promise<string> {
  const given = request.root ?? workspace;
  const field = "root";
  const expanded = expandHome(given);
  if (!isAbsolute(expanded) || expanded.includes("\0")) throw invalid(field, "it is not an absolute path");
  const root = await realpath(expanded).catch((error: unknown) => {
    throw invalid(field, `the folder cannot be opened (${codeOf(error)})`);
  });
  if (!(await stat(root)).isDirectory()) throw invalid(field, "it is not a folder");
  const permitted = await realPaths(roots);
  if (!permitted.some((folder) => isInside(root, folder))) {
    throw invalid(field, "it is neither in the home folder nor in a folder of --share-roots");
  }
  if ((await realPaths(outside)).some((folder) => isInside(root, folder))) {
    throw invalid(field, "it holds WAIIDE's own data");
  }
  if (request.file === undefined && request.confirm !== true) await requireNoHome(root);
  return root;
}

/** A home folder, or a folder that contains one, needs confirmation; the answer suggests folders in it. */
async function requireNoHome(root: string): Promise<void> {
  const { paths } = await homesFor(root);
  const home = paths.find((path) => isInside(path, root));
  if (home === undefined) return;
  const projects = await projectsIn(root);
  throw new GatewayError("SHARE_CONFIRM", {
    what: home === root ? "the whole home folder" : `a folder that holds the home folder ${home}`,
    instead:
      projects.length === 0
        ? "a folder or a file in it"
        : `one of its folders (such as ${projects.slice(0, 3).join(", ")})`,
  });
}

/** A root must not be hidden, nor lie in a hidden folder (RULES R10). */
async function openVisible({ show }: CreateShare, root: string, { open }: RequestCheckContext): Promise<Workspace> {
  const workspace = await open(root);
  const why = await workspace.whyHidden(show ?? []);
  if (why === "hidden")
    throw invalid("root", "it is hidden from guests, or in a hidden folder; see docs/sharing-files.md");
  if (why === "home") {
    throw invalid("root", `it is in a hidden folder at the top of a home folder; ${tick(workspace.rootDotName ?? "")}`);
  }
  return workspace;
}

async function checkScope(
  request: CreateShare,
  level: Level,
  workspace: Workspace,
): Promise<Pick<CheckedShare, "scope" | "selection">> {
  const { file, opens: first, line, col, end_line, end_col, show = [] } = request;
  if (file === undefined) {
    const stray = Object.entries({ line, col, end_line, end_col }).find(([, value]) => value !== undefined);
    if (stray !== undefined) throw invalid(stray[0], "it needs “file”");
    const opens = await checkOpens(request, "", workspace);
    return { scope: { kind: "workspace", ...opens }, selection: undefined };
  }
  const path = file.replace(/\/+$/, "");
  const kind = await kindOf(workspace, "file", path, show);
  const opens = level === "terminal" ? ({ kind: "workspace", opens: path } as const) : undefined;
  if (kind === "folder") {
    if (line !== undefined || end_line !== undefined) throw invalid("line", "a folder has no lines");
    const inFolder = await checkOpens(request, path, workspace);
    return { scope: { ...(opens ?? { kind: "folder", path }), ...inFolder }, selection: undefined };
  }
  if (first !== undefined) throw invalid("opens", "it needs a workspace or a folder, and “file” names a file");
  if (end_line === undefined && end_col !== undefined) {
    throw invalid("end_col", "it needs “end_line”");
  }
  if (end_line !== undefined && line === undefined) throw invalid("line", "a selection needs its first line");
  if (line !== undefined) await checkLines(workspace, path, { line, end_line: end_line ?? line }, show);
  const at = line === undefined ? {} : { line };
  if (opens !== undefined) return { scope: { ...opens, ...at }, selection: undefined };
  if (end_line === undefined || line === undefined) {
    return { scope: { kind: "file", path, ...at, ...(col === undefined ? {} : { col }) }, selection: undefined };
  }
  const range = { line, col: col ?? 0, end_line, end_col: end_col ?? null };
  const selection = await asText(workspace.select(path, range, show));
  if (selection === undefined) throw invalid("col", "the selection is empty, or its columns lie outside their lines");
  return { scope: { kind: "selection", path, ...range }, selection };
}

/** Guests must be able to see the file that they see first. @param folder the shared one, relative to the root */
async function checkOpens(
  { opens, show = [] }: CreateShare,
  folder: string,
  workspace: Workspace,
): Promise<{ readonly opens?: string }> {
  if (opens === undefined) return {};
  const kind = await kindOf(workspace, "opens", opens, show);
  if (kind === "folder") throw invalid("opens", "it is a folder; name a file in it");
  if (folder !== "" && !isInside(opens, folder)) throw invalid("opens", "it is outside the folder in “file”");
  return { opens };
}

async function kindOf(
  workspace: Workspace,
  field: "file" | "opens",
  path: string,
  show: readonly string[],
): Promise<"file" | "folder"> {
  const segments = parseGuestPath(path);
  if (segments === undefined || segments.length === 0) {
    throw invalid(field, "it is not a path below the root (no “..”, no leading “/”, no empty parts)");
  }
  const kind = await workspace.kindOf(path, show);
  if (workspace.isHidden(path, show)) {
    const dotName = segments.find((segment) => segment.startsWith("."));
    const isOnlyHome = dotName !== undefined && !workspace.isHidden(path, [...show, dotName]);
    if (!isOnlyHome) throw invalid(field, "files of this kind are never shared; see docs/sharing-files.md");
    throw invalid(field, `it is hidden at the top of a home folder; ${tick(dotName)}`);
  }
  if (kind === undefined) {
    throw invalid(
      field,
      "there is no such file or folder below the root, or it is a link to something that is not shared",
    );
  }
  return kind;
}

/** How to share a name with a dot at the top of a home folder. */
function tick(dotName: string): string {
  return `to share it anyway, name it (“show”: ["${dotName}"]; --show ${dotName} on the command line)`;
}

async function checkLines(
  workspace: Workspace,
  path: string,
  { line, end_line }: { readonly line: number; readonly end_line: number },
  show: readonly string[],
): Promise<void> {
  if (end_line < line) throw invalid("end_line", "the selection ends before it begins");
  const lines = await asText(workspace.countLines(path, show));
  if (line > lines) throw invalid("line", `the file has ${lines} lines`);
  if (end_line > lines) throw invalid("end_line", `the file has ${lines} lines`);
}

async function asText<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw invalid("file", error.message);
  }
}

/** Without links; missing folders are left out. */
async function realPaths(folders: readonly string[]): Promise<string[]> {
  const real = await Promise.allSettled(folders.map((folder) => realpath(folder)));
  return real.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** `ENOENT` in words; never the path, which the answer names already. */
function codeOf(error: unknown): string {
  const code = errorCodeOf(error);
  const words: Record<string, string> = {
    ENOENT: "there is none",
    ENOTDIR: "there is none",
    EACCES: "permission denied",
    ELOOP: "its links form a loop",
    ENAMETOOLONG: "the name is too long",
  };
  return words[code ?? ""] ?? code ?? reasonOf(error);
}
