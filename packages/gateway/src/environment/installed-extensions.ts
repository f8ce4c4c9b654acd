import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import { isObject } from "./folder-files.ts";

const extensionId = /^[A-Za-z0-9][A-Za-z0-9-]*\.[A-Za-z0-9][A-Za-z0-9-]*$/;
/** Ours, which every WAIIDE has. */
const own = /^waiide\./i;
const maxExtensions = 500;

export interface InstalledExtensions {
  readonly fromGallery: readonly { readonly id: string; readonly version: string }[];
  /** Ids of those that were installed from files. */
  readonly fromFiles: readonly string[];
}

/** The extensions that the owner installed, as VS Code lists them. @param dataFolder of the IDE */
export async function readInstalledExtensions(dataFolder: string): Promise<InstalledExtensions> {
  const text = await unlessMissing(readFile(join(dataFolder, "extensions", "extensions.json"), "utf8"));
  const listed = (listOf(text) ?? []).filter(isObject).slice(0, maxExtensions);
  const fromGallery: { id: string; version: string }[] = [];
  const fromFiles: string[] = [];
  for (const { identifier, version, metadata } of listed) {
    const id = isObject(identifier) ? identifier.id : undefined;
    if (typeof id !== "string" || !extensionId.test(id) || own.test(id)) continue;
    const facts = isObject(metadata) ? metadata : {};
    if (facts.isBuiltin === true) continue;
    if (facts.source === "gallery") fromGallery.push({ id, version: String(version).slice(0, 100) });
    else fromFiles.push(id);
  }
  return { fromGallery, fromFiles };
}

/** VS Code writes the list while we read it: half of it says nothing. */
function listOf(text: string | undefined): unknown[] | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
