import { getService } from "@codingame/monaco-vscode-api";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import { Parts } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/layout/browser/layoutService";
import { IWorkbenchLayoutService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/layout/browser/layoutService.service";
import { IStatusbarService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/statusbar/browser/statusbar.service";
import type { Scope } from "@waiide/protocol";
import type { Bar } from "../page/bar.ts";
import { isSingleFile } from "./settings.ts";

/** Below this the side bar and a file do not fit beside each other; the same in page.css. */
const narrow = window.matchMedia("(max-width: 640px)");

export function isNarrow(): boolean {
  return narrow.matches;
}

/** Leaves out what a single file does not need, and what a phone has no room for. */
export async function fitLayout(scope: Scope, bar: Bar): Promise<void> {
  const layout = await getService(IWorkbenchLayoutService);
  // The workbench looks at its room only when the window changes; the bar's lines are more and fewer at any time.
  new ResizeObserver(() => layout.layout()).observe(bar.element);
  // What a keyboard is taken for is nothing that a reader asks.
  (await getService(IStatusbarService)).updateEntryVisibility("status.workbench.keyboardLayout", false);
  if (isSingleFile(scope)) {
    layout.setPartHidden(true, Parts.SIDEBAR_PART);
    return;
  }
  const editors = await getService(IEditorService);
  const files = bar.addAction("Files", () => {
    layout.setPartHidden(layout.isVisible(Parts.SIDEBAR_PART), Parts.SIDEBAR_PART);
  });
  const show = () => files.setAttribute("aria-expanded", String(layout.isVisible(Parts.SIDEBAR_PART)));
  layout.onDidChangePartVisibility(show);
  // A file that was chosen is to be read.
  editors.onDidActiveEditorChange(() => {
    if (narrow.matches && editors.activeEditor) layout.setPartHidden(true, Parts.SIDEBAR_PART);
  });
  show();
}
