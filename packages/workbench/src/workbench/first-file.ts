import { getService } from "@codingame/monaco-vscode-api";
import { IFileService } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files.service";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { Welcome } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import { openPreview } from "../panes/markdown-preview.ts";
import { isSingleFile } from "./settings.ts";

const readme = /^readme(\.(md|markdown|rst|txt|ipynb))?$/i;

/**
 * Who comes into a workspace for the first time sees what it is about: the file that the owner chose, or its README. Where
 * the guest has had something open before, that is there again instead.
 */
export async function openFirstFile(
  { share: { scope }, opens }: Pick<Welcome, "share" | "opens">,
  addresses: Addresses,
): Promise<void> {
  if (isSingleFile(scope)) return;
  const editors = await getService(IEditorService);
  if (editors.editors.length > 0) return;
  const isThere = opens !== undefined && (await isFile(opens, addresses));
  const path = isThere ? opens : await readmeIn(scope.kind === "folder" ? scope.path : "", addresses);
  if (path === undefined || editors.editors.length > 0) return;
  const resource = addresses.uriOf(path);
  // Not kept: what the guest opens next comes in its place. The focus stays where they are.
  const options = { pinned: false, preserveFocus: true };
  if (/\.(md|markdown)$/i.test(path)) await openPreview(resource, options);
  else await editors.openEditor({ resource, options });
}

/** It may have gone since the gateway named it. */
async function isFile(path: string, addresses: Addresses): Promise<boolean> {
  const files = await getService(IFileService);
  return files.stat(addresses.uriOf(path)).then(
    (found) => found.isFile,
    () => false,
  );
}

/** The explorer asks for the same folder: nothing more is asked of the gateway. */
async function readmeIn(folder: string, addresses: Addresses): Promise<string | undefined> {
  const { children = [] } = await (await getService(IFileService)).resolve(addresses.uriOf(folder));
  const names = children.filter(({ isFile, name }) => isFile && readme.test(name)).map(({ name }) => name);
  // What is rendered before what is plain.
  const best = names.find((name) => /\.(md|markdown)$/i.test(name)) ?? names[0];
  return best === undefined ? undefined : [...(folder === "" ? [] : [folder]), best].join("/");
}
