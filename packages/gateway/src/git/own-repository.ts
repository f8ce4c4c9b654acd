import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import type { OwnerRepository } from "./owner-repository.ts";

/** Configuration of every git directory of ours: nothing in it names a program. */
function configuration(format: OwnerRepository["format"]): string {
  return [
    "[core]",
    `\trepositoryFormatVersion = ${format === "sha256" ? 1 : 0}`,
    "\tbare = true",
    "\thooksPath = /dev/null",
    "\tattributesFile = /dev/null",
    "\texcludesFile = /dev/null",
    // A commit-graph of the owner could name other parents.
    "\tcommitGraph = false",
    "\tsymlinks = false",
    "\tfileMode = false",
    "[gc]\n\tauto = 0",
    "[maintenance]\n\tauto = false",
    "[pack]\n\tthreads = 1\n\twindowMemory = 64m",
    "[transfer]\n\thideRefs = refs/waiide",
    ...(format === "sha256" ? ["[extensions]\n\tobjectFormat = sha256"] : []),
    "",
  ].join("\n");
}

/** Above all `.gitattributes`: files are what the commit holds, byte for byte, and no driver is asked for. */
const attributes = "* -text -ident -filter -export-ignore -export-subst !diff !merge !eol !working-tree-encoding\n";

/** Makes an empty git directory of ours (RULES R25). @param folder is not there yet */
export async function makeGitFolder(folder: string, format: OwnerRepository["format"]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(join(folder, "objects", "info"), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, "objects", "pack"), { mode: 0o700 });
  await mkdir(join(folder, "info"), { mode: 0o700 });
  await writeFile(join(folder, "info", "attributes"), attributes, { mode: 0o600 });
  await writeFile(join(folder, "config"), configuration(format), { mode: 0o600 });
  await writeFile(join(folder, "HEAD"), "ref: refs/heads/none\n", { mode: 0o600 });
}

/** Where a shallow clone ends, its parents are not asked for. */
export async function copyShallow(from: string, to: string): Promise<void> {
  await unlessMissing(copyFile(join(from, "shallow"), join(to, "shallow")));
}
