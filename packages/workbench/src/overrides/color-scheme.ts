import { Emitter } from "@codingame/monaco-vscode-api/vscode/vs/base/common/event";
import { ColorScheme as ThemeType } from "@codingame/monaco-vscode-api/vscode/vs/platform/theme/common/theme";
import type { IInitialColorTheme } from "@codingame/monaco-vscode-api/vscode/vs/workbench/browser/web.api";
import type { IHostColorSchemeService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/themes/common/hostColorSchemeService.service";
import {
  COLOR_THEME_DARK_INITIAL_COLORS as darkColours,
  COLOR_THEME_LIGHT_INITIAL_COLORS as lightColours,
} from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/themes/common/workbenchThemeService";

const isDark = window.matchMedia("(prefers-color-scheme: dark)");
const isForced = window.matchMedia("(forced-colors: active)");
const wantsMore = window.matchMedia("(prefers-contrast: more)");

function isHighContrast(): boolean {
  return isForced.matches || wantsMore.matches;
}

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
    return isHighContrast();
  }
}

/** Until the theme has come; without it the workbench would be seen in colours of former years for a moment. */
export function firstColours(): IInitialColorTheme {
  const dark = isDark.matches;
  if (isHighContrast()) return { themeType: dark ? ThemeType.HIGH_CONTRAST_DARK : ThemeType.HIGH_CONTRAST_LIGHT };
  return dark
    ? { themeType: ThemeType.DARK, colors: darkColours }
    : { themeType: ThemeType.LIGHT, colors: lightColours };
}
