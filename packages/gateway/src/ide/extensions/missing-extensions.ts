import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf } from "../../base/errors.ts";
import { type ExtensionIdentity, readVsixIdentity } from "./vsix.ts";

/** One entry of the setting `extensions` that is still to be installed. */
export interface WantedExtension {
  /** As the setting names it: an id, `id@version`, or the path of a .vsix. */
  readonly name: string;
  /** Set where a .vsix cannot be read: it is reported, not tried. */
  readonly problem?: string;
}

/**
 * What of the setting `extensions` is not installed yet, without starting anything: VS Code lists what is installed in
 * `extensions/extensions.json` of its data folder.
 */
export async function missingExtensions(names: readonly string[], dataFolder: string): Promise<WantedExtension[]> {
  if (names.length === 0) return [];
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

async function installedExtensions(dataFolder: string): Promise<ExtensionIdentity[]> {
  let text: string;
  try {
    text = await readFile(join(dataFolder, "extensions", "extensions.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return parseInstalled(text);
}

function parseInstalled(text: string): ExtensionIdentity[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    // Half-written by a crash: VS Code mends it when it installs the next one.
    return [];
  }
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: { identifier?: { id?: unknown }; version?: unknown } | null) => {
    const id = entry?.identifier?.id;
    return typeof id === "string" && typeof entry?.version === "string"
      ? [{ id: id.toLowerCase(), version: entry.version }]
      : [];
  });
}
