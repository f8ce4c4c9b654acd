import type { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import {
  type IStatusbarEntryAccessor,
  StatusbarAlignment,
} from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/statusbar/browser/statusbar";
import type { IStatusbarService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/statusbar/browser/statusbar.service";
import type { Addresses } from "../files/addresses.ts";
import type { LiveFiles } from "./live-files.ts";
import { notLiveWords } from "./words.ts";

/** Says in the status bar why people cannot write in the visible file together. */
export class NotLiveStatus {
  readonly #live: LiveFiles;
  readonly #editors: IEditorService;
  readonly #statusBar: IStatusbarService;
  readonly #addresses: Addresses;
  #entry: IStatusbarEntryAccessor | undefined;

  constructor(live: LiveFiles, editors: IEditorService, statusBar: IStatusbarService, addresses: Addresses) {
    this.#live = live;
    this.#editors = editors;
    this.#statusBar = statusBar;
    this.#addresses = addresses;
    live.onSettled.listen(() => this.#show());
    editors.onDidActiveEditorChange(() => this.#show());
    this.#show();
  }

  #show(): void {
    this.#entry?.dispose();
    this.#entry = undefined;
    const why = this.#why();
    if (why === undefined) return;
    const words = `Saved as a whole, as ${why}: others see your changes when the file is saved.`;
    const entry = { name: "Saved as a whole", text: "$(save) Saved as a whole", tooltip: words, ariaLabel: words };
    this.#entry = this.#statusBar.addEntry(entry, "waiide.savedAsWhole", StatusbarAlignment.RIGHT, 90);
  }

  #why(): string | undefined {
    const resource = this.#editors.activeTextEditorControl && this.#editors.activeEditor?.resource;
    const path = resource && this.#addresses.pathOf(resource);
    const reason = path === undefined ? undefined : this.#live.reasonOf(path);
    return reason === undefined ? undefined : notLiveWords[reason];
  }
}
