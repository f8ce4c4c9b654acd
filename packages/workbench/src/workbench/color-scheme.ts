import { Emitter } from "@codingame/monaco-vscode-api/vscode/vs/base/common/event";
import type { IHostColorSchemeService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/themes/common/hostColorSchemeService.service";

const isDark = window.matchMedia("(prefers-color-scheme: dark)");
const isForced = window.matchMedia("(forced-colors: active)");
const wantsMore = window.matchMedia("(prefers-contrast: more)");

/** What the reader's system asks for. VS Code's own does not know those who want more contrast and keep all colours. */
export class ColorScheme implements IHostColorSchemeService {
  readonly _serviceBrand: undefined;
  readonly #changed = new Emitter<void>();
  readonly onDidChangeColorScheme = this.#changed.event;

  constructor() {
    for (const query of [isDark, isForced, wantsMore]) query.addEventListener("change", () => this.#changed.fire());
  }

  get dark(): boolean {
    return isDark.matches;
  }

  get highContrast(): boolean {
    return isForced.matches || wantsMore.matches;
  }
}
