import { createHash } from "node:crypto";
import { basename } from "node:path";
import { type Copy, type CopyChoice, copyFile, type Scope } from "@waiide/protocol";
import type { Environment } from "../../environment/environment.ts";
import type { StoredShare } from "../store/stored.ts";
import type { Walked, WalkedFile } from "./copy-walk.ts";

const maxName = 80;

/** The folder that is shared, as guests name it. */
export function sharedFolder(scope: Scope): string {
  return scope.kind === "folder" ? scope.path : "";
}

/** What the folder of a copy is called on any system. */
export function copyName({ root, scope, shownCommit }: Pick<StoredShare, "root" | "scope" | "shownCommit">): string {
  const folder = basename(sharedFolder(scope) || root).replace(/\.git$/, "");
  const whole = shownCommit === null ? folder : `${folder}-${shownCommit.name}`;
  return (
    whole
      .replace(/[^\w.-]+/g, "-")
      .replace(/^[-.]+/, "")
      .slice(0, maxName) || "copy"
  );
}

/** The files that a copy holds: all that guests see, or those that describe the environment. */
export function copiedFiles(
  { files }: Pick<Walked, "files">,
  choice: CopyChoice,
  environment: Environment,
): WalkedFile[] {
  const { devcontainer, locks, written } = environment;
  const needed = new Set([devcontainer?.path, ...locks.map(({ path }) => path)]);
  const own = files.filter(({ path }) => path !== copyFile && !written.has(path));
  return choice.files ? own : own.filter(({ path }) => needed.has(path));
}

export interface CopyParts {
  readonly share: Pick<StoredShare, "root" | "scope" | "shownCommit">;
  readonly owner: string;
  readonly choice: CopyChoice;
  readonly walked: Pick<Walked, "leftOut">;
  readonly files: readonly WalkedFile[];
  readonly environment: Environment;
}

/** The description that guests and archives get. */
export function copyContent({ share, owner, choice, walked, files, environment }: CopyParts): Copy {
  const { written, settingsLeftOut: _, packagesLeftOut: _packages, problem: _problem, ...facts } = environment;
  const texts = [...written.values()];
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const { shownCommit } = share;
  return {
    format: 1,
    name: copyName(share),
    owner,
    commit: shownCommit === null ? null : { id: shownCommit.id, name: shownCommit.name },
    has_files: choice.files,
    files: files.length + texts.length,
    size: size + texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    left_out: choice.files ? [...walked.leftOut] : [],
    ...facts,
  };
}

export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
