// A plugin for Vite: VS Code's own extensions come with their names in a file each, which the workbench would fetch, forty of
// them, before it shows anything. The names are put where they belong when the workbench is built.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const extension = /monaco-vscode-[a-z-]+-default-extension\/index\.js$/;

/** Files of an extension that only a gallery would show. */
const unused = /^registerFileUrl\('(?:package\.json|package\.nls\.json|README\.md|CHANGELOG\.md)'.*\n/gm;

export function extensionManifests(): Plugin {
  return {
    name: "extension-manifests",
    transform(code, id) {
      if (!extension.test(id)) return undefined;
      const file = join(dirname(id), "resources", "package.nls.json");
      const names: Record<string, string | { message: string }> = existsSync(file)
        ? JSON.parse(readFileSync(file, "utf8"))
        : {};
      const named = code.replace(/"%([^%"\s]+)%"/g, (whole, key) => {
        const name = names[key];
        return name === undefined ? whole : JSON.stringify(typeof name === "string" ? name : name.message);
      });
      return { code: named.replace(unused, ""), map: null };
    },
  };
}
