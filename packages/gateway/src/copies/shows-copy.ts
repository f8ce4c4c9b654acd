import { open, realpath } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import type { CopyRecords } from "./records.ts";

/** A `.code-workspace` file is short. Bytes. */
const maxWorkspaceFile = 1024 ** 2;

/**
 * RULES R29: whether opening a folder, or the folders of a workspace file, shows files of a copy: it is one, lies in one, or
 * holds one.
 */
export async function showsCopy(
  records: Pick<CopyRecords, "all">,
  place: { readonly kind: "folder" | "workspace"; readonly path: string },
): Promise<boolean> {
  const copies = await records.all();
  if (copies.length === 0) return false;
  const paths = place.kind === "folder" ? [place.path] : await foldersIn(place.path);
  if (paths === undefined) return true;
  const real = await Promise.all(paths.map(async (path) => (await unlessMissing(realpath(path))) ?? path));
  return copies.some(({ folder }) => real.some((path) => isIn(path, folder) || isIn(folder, path)));
}

function isIn(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer === sep ? sep : `${outer}${sep}`);
}

/** @returns undefined if that cannot be said: such a workspace is opened like a copy */
async function foldersIn(file: string): Promise<string[] | undefined> {
  const text = await unlessMissing(textOf(file));
  // Escapes could spell any path; a URI can.
  if (text === undefined || /\\u|"uri"/.test(text)) return undefined;
  const paths = [...text.matchAll(/"path"\s*:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, path = ""]) => path);
  return [file, ...paths.map((path) => resolve(dirname(file), path))];
}

async function textOf(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    return (await handle.stat()).size > maxWorkspaceFile ? undefined : await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
