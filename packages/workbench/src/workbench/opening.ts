import type { IDefaultLayout } from "@codingame/monaco-vscode-api/vscode/vs/workbench/browser/web.api";
import type { Scope } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import { isSingleFile } from "./settings.ts";

/** The first editor: the shared file, at the shared line. */
export function openingLayout(scope: Scope, addresses: Addresses): IDefaultLayout {
  if (!isSingleFile(scope)) return {};
  // The text of a shared selection begins at line 1, whatever number the line has in the file.
  const line = scope.kind === "file" ? scope.line : undefined;
  const column = scope.kind === "file" ? (scope.col ?? 0) + 1 : 1;
  const selection = line === undefined ? undefined : { startLineNumber: line, startColumn: column };
  return {
    editors: [{ uri: addresses.uriOf(scope.path), ...(selection && { options: { selection } }) }],
    force: true,
  };
}
