import type { Emitter } from "@codingame/monaco-vscode-api/vscode/vs/base/common/event";
import type { IDisposable } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { ITextModel } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { IUndoRedoService } from "@codingame/monaco-vscode-api/vscode/vs/platform/undoRedo/common/undoRedo.service";
import type { ITextFileEditorModel } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles";

/** What a live file decides in VS Code's place. */
export interface LiveModel {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  undo(): void;
  redo(): void;
  /** Whether something was typed that the gateway has not acknowledged. */
  readonly isUnacknowledged: boolean;
}

/** VS Code's own class, as far as its interface leaves it out. */
interface TextFile {
  ignoreDirtyOnModelContentChange: boolean;
  setDirty(isDirty: boolean): void;
  readonly _onDidChangeDirty: Emitter<void>;
}

/**
 * While a file is live, VS Code's undo would take back what others wrote: it knows changes of the text, not their authors. So
 * the text's own `undo` and `redo`, which keys, menus and commands call, are ours. And VS Code keeps over a reload what was
 * not acknowledged, not what was not saved.
 */
export function overrideModel(file: ITextFileEditorModel, model: ITextModel, undo: IUndoRedoService, live: LiveModel) {
  Object.assign(model, {
    undo: () => live.undo(),
    redo: () => live.redo(),
    canUndo: () => live.canUndo,
    canRedo: () => live.canRedo,
  });
  Object.assign(file, { isModified: () => live.isUnacknowledged });
  const end: IDisposable = {
    dispose() {
      for (const name of ["undo", "redo", "canUndo", "canRedo"]) Reflect.deleteProperty(model, name);
      Reflect.deleteProperty(file, "isModified");
      // Its steps do not know what others changed between them.
      undo.removeElements(model.uri);
    },
  };
  return end;
}

/** Changes the text without marking it as unsaved: others' changes are not this page's to save. */
export function withoutDirt(file: ITextFileEditorModel, change: () => void): void {
  const inside = file as unknown as TextFile;
  const before = inside.ignoreDirtyOnModelContentChange;
  inside.ignoreDirtyOnModelContentChange = true;
  try {
    change();
  } finally {
    inside.ignoreDirtyOnModelContentChange = before;
  }
}

/** Marks the text as unsaved, as a person's change would; tabs draw their dot anew. */
export function markUnsaved(file: ITextFileEditorModel): void {
  const inside = file as unknown as TextFile;
  if (file.isDirty()) inside._onDidChangeDirty.fire();
  else inside.setDirty(true);
}
