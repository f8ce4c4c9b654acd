import { getService } from "@codingame/monaco-vscode-api";
import { IFileService } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files.service";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { Welcome } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import { openPreview } from "../panes/markdown-preview.ts";
import { isSingleFile } from "./settings.ts";

const readme = /^readme(\.(md|markdown|rst|txt|ipynb))?$/i;

/**
 * On the first visit the page opens the file that the owner chose, or the README. On later visits the guest's own editors
 * open again instead.
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
  // As a preview: the guest's next file replaces it. The focus stays where it is.
  const options = { pinned: false, preserveFocus: true };
  if (/\.(md|markdown)$/i.test(path)) await openPreview(resource, options);
  else await editors.openEditor({ resource, options });
}

/** The file may be gone since the gateway named it. */
async function isFile(path: string, addresses: Addresses): Promise<boolean> {
  const files = await getService(IFileService);
  return files.stat(addresses.uriOf(path)).then(
    (found) => found.isFile,
    () => false,
  );
}

/** The explorer lists the same folder, so the gateway gets no further request. */
async function readmeIn(folder: string, addresses: Addresses): Promise<string | undefined> {
  const { children = [] } = await (await getService(IFileService)).resolve(addresses.uriOf(folder));
  const names = children.filter(({ isFile, name }) => isFile && readme.test(name)).map(({ name }) => name);
  // Rendered formats come before plain ones.
  const best = names.find((name) => /\.(md|markdown)$/i.test(name)) ?? names[0];
  return best === undefined ? undefined : [...(folder === "" ? [] : [folder]), best].join("/");
}
