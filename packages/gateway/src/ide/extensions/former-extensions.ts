import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../../system/missing-file.ts";
import type { IdeServer } from "../install/ide-server.ts";

interface Manifest {
  readonly publisher: string;
  readonly name: string;
}

/**
 * Extensions of an IDE's own that ours takes the place of.
 * @returns their ids (`publisher.name`), in lower case
 */
export async function formerBuiltins(server: Pick<IdeServer, "folder" | "distribution">): Promise<string[]> {
  const names = server.distribution.formerExtensions;
  const folder = join(server.folder, "extensions");
  const entries = await unlessMissing(readdir(folder));
  // Builds name the folder after the extension: no other manifest need be read.
  const candidates = (entries ?? []).filter((entry) => names.some((name) => entry.toLowerCase().includes(name)));
  const manifests = await Promise.all(candidates.map((entry) => readManifest(join(folder, entry))));
  return manifests.flatMap((manifest) =>
    manifest !== undefined && names.includes(manifest.name.toLowerCase())
      ? [`${manifest.publisher}.${manifest.name}`.toLowerCase()]
      : [],
  );
}

/**
 * Takes the same extensions off the list of those that users installed, which is what VS Code does first when it uninstalls
 * one; it removes the files itself when it next starts.
 * @param folder `extensions` of the data folder, of a server that does not run
 * @param names without the publisher, in lower case
 * @returns the ids of those that were on it
 */
export async function removeFormer(folder: string, names: readonly string[]): Promise<string[]> {
  const file = join(folder, "extensions.json");
  const text = await unlessMissing(readFile(file, "utf8"));
  const entries = text === undefined ? undefined : parsed(text);
  if (!Array.isArray(entries)) return [];
  const isFormer = (entry: unknown) => names.includes(nameOf(idOf(entry)));
  const former = entries.filter(isFormer);
  if (former.length === 0) return [];
  await writeFile(`${file}.${process.pid}`, JSON.stringify(entries.filter((entry) => !isFormer(entry))), {
    mode: 0o600,
  });
  await rename(`${file}.${process.pid}`, file);
  return former.map(idOf);
}

function idOf(entry: unknown): string {
  const id = (entry as { identifier?: { id?: unknown } } | null)?.identifier?.id;
  return typeof id === "string" ? id.toLowerCase() : "";
}

function nameOf(id: string): string {
  return id.slice(id.indexOf(".") + 1);
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await unlessMissing(readFile(join(folder, "package.json"), "utf8"));
  const { publisher, name } = ((text === undefined ? undefined : parsed(text)) ?? {}) as Record<string, unknown>;
  return typeof publisher === "string" && typeof name === "string" ? { publisher, name } : undefined;
}

/** Undefined where it is no JSON: VS Code itself mends or ignores that. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
