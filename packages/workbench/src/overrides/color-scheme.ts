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

/** The system's color scheme. VS Code's own service ignores a preference for more contrast where colors are not forced. */
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

/** Used until the theme is loaded; without it the workbench would flash in outdated colors. */
export function firstColours(): IInitialColorTheme {
  const dark = isDark.matches;
  if (isHighContrast()) return { themeType: dark ? ThemeType.HIGH_CONTRAST_DARK : ThemeType.HIGH_CONTRAST_LIGHT };
  return dark
    ? { themeType: ThemeType.DARK, colors: darkColours }
    : { themeType: ThemeType.LIGHT, colors: lightColours };
}
