import { copyFile, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import { makeGitFolder } from "./own-repository.ts";
import type { OwnerRepository } from "./owner-repository.ts";

/** What a HEAD can hold. */
const headContent = /^(ref: refs\/[^\n]+|[0-9a-f]{40,64})\n?$/;

/**
 * A git directory of ours that sees the owner's objects and refs, and nothing else of the repository: no configuration, hooks,
 * attributes, replaced objects or grafts (RULES R25). Git reads a repository of the owner through it alone.
 */
export class Quarantine implements AsyncDisposable {
  readonly folder: string;
  /** For another git directory of ours that copies from it. */
  readonly variables: Readonly<Record<string, string>>;

  private constructor(folder: string, objects: readonly string[]) {
    this.folder = folder;
    this.variables = { GIT_ALTERNATE_OBJECT_DIRECTORIES: objects.map(quoted).join(":") };
  }

  /** @param folder is not there yet */
  static async make(folder: string, repository: OwnerRepository): Promise<Quarantine> {
    const { commonFolder, gitFolder, objects, format } = repository;
    await makeGitFolder(folder, format);
    await symlink(join(commonFolder, "refs"), join(folder, "refs"));
    for (const name of ["packed-refs", "shallow"]) {
      await unlessMissing(copyFile(join(commonFolder, name), join(folder, name)));
    }
    const head = await unlessMissing(readFile(join(gitFolder, "HEAD"), "utf8"));
    if (head !== undefined && headContent.test(head)) await writeFile(join(folder, "HEAD"), head);
    return new Quarantine(folder, objects);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** As git reads a path in this variable: quoted like a string of C. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}
