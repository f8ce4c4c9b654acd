import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isCompressible, minCompressedSize } from "../../system/compression.ts";

/** A file that browsers fetch and that gets smaller by compression. */
export interface StaticFile {
  /** Below the IDE server's folder, with `/` between names. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Last change, milliseconds. */
  readonly mtimeMs: number;
}

/**
 * What browsers fetch from an IDE server's folder, as seen in the request log of a session that opened files of many kinds,
 * a terminal and the settings: everything of the workbench, a few modules, and what built-in extensions contribute as
 * data. The largest files that are *not* here are the server's own programs.
 */
const served: readonly RegExp[] = [
  /^out\/(?!.*\/(node|electron-[a-z]+)\/)(media|vs|extensions)\//,
  /^out\/nls\.messages\.js$/,
  /^node_modules\/@xterm\/[^/]+\/lib\/[^/]+\.js$/,
  /^node_modules\/@vscode\/tree-sitter-wasm\/wasm\/tree-sitter(-(css|ini|regex|typescript))?\.(js|wasm)$/,
  /^node_modules\/@vscode\/(iconv-lite-umd\/lib|vscode-languagedetection\/(dist\/lib|model)|diff\/dist)\/[^/]+$/,
  /^node_modules\/vscode-(oniguruma|textmate)\/release\/(main\.js|onig\.wasm)$/,
  /^node_modules\/(jschardet|katex|tas-client|@microsoft\/1ds-(core|post)-js)\/(dist|bundle)\/[a-z.-]+\.min\.(js|css)$/,
  /^extensions\/[^/]+\/(syntaxes|themes|icons|fileicons|snippets|(client\/)?dist\/browser)\//,
  /^extensions\/[^/]+\/([a-z-]+-)?language-configuration\.json$/,
];

/** Folders below which nothing is served; not even looked into. */
const skipped =
  /^(node_modules\/(?!@xterm|@vscode|@microsoft|vscode-|jschardet|katex|tas-client)|extensions\/node_modules$|extensions\/[^/]+\/node_modules$|out\/vs\/.*\/node$)/;

/** Whether browsers fetch this file, and it gets smaller. The path is relative to the IDE's folder. */
export function isWorthCompressing(path: string): boolean {
  return isCompressible(path) && served.some((pattern) => pattern.test(path));
}

/** All compressible files of an IDE server, the largest first. Links are not followed. */
export async function listCompressibleFiles(folder: string): Promise<StaticFile[]> {
  const files: StaticFile[] = [];
  async function visit(path: string): Promise<void> {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const below = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skipped.test(below)) await visit(below);
      } else if (entry.isFile() && isWorthCompressing(below)) {
        const { size, mtimeMs } = await stat(join(folder, below));
        if (size >= minCompressedSize) files.push({ path: below, size, mtimeMs });
      }
    }
  }
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && ["out", "node_modules", "extensions"].includes(entry.name)) await visit(entry.name);
  }
  return files.sort((one, other) => other.size - one.size);
}
