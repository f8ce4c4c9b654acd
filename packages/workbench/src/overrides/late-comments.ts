import { getService } from "@codingame/monaco-vscode-api";
import type { ICodeEditor } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorBrowser";
import {
  EditorExtensionsRegistry,
  type IEditorContributionDescription,
} from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/editorExtensions";
import { ICodeEditorService } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/services/codeEditorService.service";
import { IInstantiationService } from "@codingame/monaco-vscode-api/vscode/vs/platform/instantiation/common/instantiation";
import { IKeybindingService } from "@codingame/monaco-vscode-api/vscode/vs/platform/keybinding/common/keybinding.service";
import { ICommentService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/comments/browser/commentService.service";

/** VS Code's part in each editor. */
const contribution = "editor.contrib.review";

let loaded: object = {};

/** Stands for VS Code's comments until they are loaded; nothing asks for them before. */
export const lateComments = {
  [ICommentService.toString()]: new Proxy(
    {},
    {
      get: (_none, name) => {
        const value: unknown = Reflect.get(loaded, name);
        return typeof value === "function" ? value.bind(loaded) : value;
      },
    },
  ),
};

/** VS Code's own classes, as far as their interfaces leave these out. */
interface Editor {
  readonly _contributions: { readonly _pending: Map<string, IEditorContributionDescription> };
}
interface Keybindings {
  updateResolver(): void;
}

/** Loads VS Code's comments into the workbench that runs: it expects them at its start, where a guest would wait for them. */
export async function loadComments(): Promise<ICommentService> {
  const { CommentService } = await import(
    "@codingame/monaco-vscode-comments-service-override/vscode/vs/workbench/contrib/comments/browser/commentService"
  );
  const service = (await getService(IInstantiationService)).createInstance(CommentService);
  loaded = service;
  // Commands, menus and editors' parts register themselves.
  await import(
    "@codingame/monaco-vscode-comments-service-override/vscode/vs/workbench/contrib/comments/browser/comments.contribution"
  );
  const editors = await getService(ICodeEditorService);
  for (const editor of editors.listCodeEditors()) addTo(editor);
  ((await getService(IKeybindingService)) as unknown as Keybindings).updateResolver();
  return service;
}

/** An editor takes up its parts when it is made. */
function addTo(editor: ICodeEditor): void {
  const description = EditorExtensionsRegistry.getEditorContributions().find(({ id }) => id === contribution);
  if (description === undefined || editor.isSimpleWidget || editor.getContribution(contribution) !== null) return;
  (editor as unknown as Editor)._contributions._pending.set(contribution, description);
  editor.getContribution(contribution);
}
