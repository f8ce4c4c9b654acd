import { getService } from "@codingame/monaco-vscode-api";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import { Parts } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/layout/browser/layoutService";
import { IWorkbenchLayoutService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/layout/browser/layoutService.service";
import { IStatusbarService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/statusbar/browser/statusbar.service";
import type { Scope } from "@waiide/protocol";
import type { Bar } from "../page/bar.ts";
import { isSingleFile } from "./settings.ts";

// Fits the workbench to what is shared, and to small screens.

/** Below this width the side bar and a file do not fit beside each other; page.css has the same width. */
const narrow = window.matchMedia("(max-width: 640px)");

export function isNarrow(): boolean {
  return narrow.matches;
}

/** Hides the parts that a single file does not need, or a phone has no space for. */
export async function fitLayout(scope: Scope, bar: Bar, frame: HTMLElement): Promise<void> {
  const layout = await getService(IWorkbenchLayoutService);
  // The workbench measures its space only when the window changes, but the bar and what is below the workbench change theirs at any time.
  new ResizeObserver(() => layout.layout()).observe(frame);
  // The detected keyboard layout is of no use to a guest.
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
  // On a narrow page the chosen file needs the space.
  editors.onDidActiveEditorChange(() => {
    if (narrow.matches && editors.activeEditor) layout.setPartHidden(true, Parts.SIDEBAR_PART);
  });
  show();
}
