import { isIP } from "node:net";

/** What a link of nbgitpuller asks for. */
export interface PullOrder {
  readonly repository: string;
  /** undefined: the repository's own default. */
  readonly branch: string | undefined;
  /** Below the workspace, without `.` and `..`. */
  readonly folder: string;
  /** What opens afterwards, relative to the workspace or below the base URL; empty: the folder. */
  readonly opens: string;
}

/** The message is the end of a sentence, for the person who followed the link. */
export class LinkError extends Error {}

/** `user@host:path`, which is SSH. */
const scpLike = /^(?:[A-Za-z0-9_][\w.-]*@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/)([^\s:][^\s]*)$/;
const protocols = new Set(["https:", "ssh:", "git:", "file:"]);

/** The protocols that git may use, whatever its configuration permits. */
export const gitProtocols = "https:ssh:git:file";

/** @throws LinkError */
export function readLink(query: URLSearchParams): PullOrder {
  const repository = query.get("repo") ?? "";
  checkRepository(repository);
  const branch = query.get("branch") || undefined;
  if (branch !== undefined) checkBranch(branch);
  const folder = folderOf(query.get("targetPath") || query.get("targetpath") || nameOf(repository));
  return { repository, branch, folder, opens: opensOf(query, folder) };
}

/** @throws LinkError */
export function checkRepository(repository: string): void {
  if (repository === "") throw new LinkError("the link names no repository (repo=…)");
  if (repository.length > 2_000 || hasControls(repository) || repository.startsWith("-")) {
    throw new LinkError("its repository is no address");
  }
  const ssh = scpLike.exec(repository);
  if (ssh !== null) {
    checkHost(ssh[1] ?? "");
    return;
  }
  if (!URL.canParse(repository)) throw new LinkError("its repository is no address");
  const { protocol, hostname, pathname, username } = new URL(repository);
  if (!protocols.has(protocol)) {
    throw new LinkError("its repository has a protocol other than https, ssh, git and file");
  }
  if (protocol !== "file:") checkHost(hostname);
  if (protocol === "file:" && hostname !== "") throw new LinkError("its repository is on another machine");
  if (pathname.replaceAll("/", "") === "" || username.startsWith("-"))
    throw new LinkError("its repository is no address");
}

/** Programs that git starts would take a leading dash for an option. */
function checkHost(host: string): void {
  const bare = host.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(bare)) return;
  throw new LinkError("its repository has no valid host name");
}

/** A part of git-check-ref-format(1) that needs no quoting. @throws LinkError */
export function checkBranch(branch: string): void {
  const isName =
    branch.length <= 250 &&
    /^[\p{L}\p{N}][\p{L}\p{N}._/+#@=-]*$/u.test(branch) &&
    !/\.\.|@\{|\/\/|\/\.|\.\/|\.lock(?:\/|$)|[/.]$/.test(branch);
  if (!isName) throw new LinkError("its branch is no name of a branch");
}

/** The last part of the address, as git and nbgitpuller take it. */
function nameOf(repository: string): string {
  const path = scpLike.exec(repository)?.[2] ?? new URL(repository).pathname;
  const last = path.split("/").filter(Boolean).at(-1) ?? "";
  return decoded(last).replace(/\.git$/, "");
}

/**
 * A folder below the workspace. No part begins with a dot: programs run by themselves what stands in such folders.
 * @throws LinkError
 */
export function folderOf(path: string): string {
  const parts = path.split("/").filter(Boolean);
  const isRefused = parts.some((part) => part.startsWith(".") || part.startsWith("-") || part === "~");
  if (
    path.startsWith("/") ||
    path.length > 1_000 ||
    hasControls(path) ||
    path.includes("\\") ||
    isRefused ||
    !parts[0]
  ) {
    throw new LinkError("its folder is not one below your workspace, or one whose name begins with a dot or a dash");
  }
  return parts.join("/");
}

/** nbgitpuller: `urlpath`, or `subPath` in an `app`. @throws LinkError */
function opensOf(query: URLSearchParams, folder: string): string {
  const below = query.get("subPath") ?? query.get("subpath") ?? "";
  const given = query.get("urlpath") ?? query.get("urlPath") ?? (below === "" ? "" : `tree/${folder}/${below}`);
  const path = given.replace(/^\/+/, "");
  // Only a path of this server: neither another site nor a script.
  if (path.length > 2_000 || hasControls(path) || path.includes("\\") || /^[\w+.-]*:/.test(path)) {
    throw new LinkError("what it opens is no path of this server");
  }
  if (path.split(/[?#]/, 1)[0]?.split("/").map(decoded).includes("..")) {
    throw new LinkError("what it opens is no path of this server");
  }
  return path;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new LinkError("it contains “%” in the wrong place");
  }
}

function hasControls(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
}
