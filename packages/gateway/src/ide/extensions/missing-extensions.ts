import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf } from "../../base/errors.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import { type ExtensionIdentity, readVsixIdentity } from "./vsix.ts";

/** One entry of the setting `extensions` that is still to be installed. */
export interface WantedExtension {
  /** As the setting names it: an id, `id@version`, or the path of a .vsix. */
  readonly name: string;
  /** Set where a .vsix, or the list of what is installed, cannot be read: it is reported, not tried. */
  readonly problem?: string;
}

/**
 * What of the setting `extensions` is not installed yet, without starting anything: VS Code lists what is installed in
 * `extensions/extensions.json` of its data folder. Where that list is damaged nothing is to be installed.
 */
export async function missingExtensions(names: readonly string[], dataFolder: string): Promise<WantedExtension[]> {
  if (names.length === 0) return [];
  const damage = await listDamage(dataFolder);
  if (damage !== undefined) return names.map((name) => ({ name, problem: damage }));
  const installed = await installedExtensions(dataFolder);
  const missing: WantedExtension[] = [];
  for (const name of names) {
    const wanted = await identify(name);
    if ("problem" in wanted) missing.push({ name, problem: wanted.problem });
    else if (!has(installed, wanted)) missing.push({ name });
  }
  return missing;
}

type Wanted = { readonly id: string; readonly version: string | undefined };

async function identify(name: string): Promise<Wanted | { readonly problem: string }> {
  if (name.toLowerCase().endsWith(".vsix")) {
    try {
      return await readVsixIdentity(name);
    } catch (error) {
      return { problem: reasonOf(error) };
    }
  }
  const [id = "", version] = name.toLowerCase().split("@");
  return { id, version: version === "prerelease" ? undefined : version };
}

function has(installed: readonly ExtensionIdentity[], wanted: Wanted): boolean {
  return installed.some(({ id, version }) => id === wanted.id && (wanted.version ?? version) === version);
}

/**
 * Why VS Code's list of installed extensions cannot be read, in words; undefined: it can, or there is none. Whatever is installed then
 * has VS Code write the list anew, without the extensions that were in it.
 */
export async function listDamage(dataFolder: string): Promise<string | undefined> {
  try {
    await installedExtensions(dataFolder);
    return undefined;
  } catch (error) {
    if (!(error instanceof DamagedList)) throw error;
    return error.message;
  }
}

class DamagedList extends Error {}

function listFile(dataFolder: string): string {
  return join(dataFolder, "extensions", "extensions.json");
}

/** @throws DamagedList */
async function installedExtensions(dataFolder: string): Promise<ExtensionIdentity[]> {
  const file = listFile(dataFolder);
  const text = await unlessMissing(readFile(file, "utf8"));
  // VS Code takes an empty file for an empty list.
  if (text === undefined || text.trim() === "") return [];
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    throw new DamagedList(`The list of installed extensions, ${file}, is damaged: ${reasonOf(error)}`);
  }
  if (!Array.isArray(entries)) {
    throw new DamagedList(`The list of installed extensions, ${file}, is damaged: it is not a JSON list`);
  }
  return entries.flatMap((entry: { identifier?: { id?: unknown }; version?: unknown } | null) => {
    const id = entry?.identifier?.id;
    return typeof id === "string" && typeof entry?.version === "string"
      ? [{ id: id.toLowerCase(), version: entry.version }]
      : [];
  });
}
