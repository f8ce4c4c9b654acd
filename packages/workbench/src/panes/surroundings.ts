import { getService } from "@codingame/monaco-vscode-api";
import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { ILanguageService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages/language.service";
import { tokenizeToString } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages/textToHtmlTokenizer";
import { ICommandService } from "@codingame/monaco-vscode-api/vscode/vs/platform/commands/common/commands.service";
import { IFileService } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files.service";
import { IOpenerService } from "@codingame/monaco-vscode-api/vscode/vs/platform/opener/common/opener.service";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import { IWorkbenchThemeService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/themes/common/workbenchThemeService.service";
import type { Addresses } from "../files/addresses.ts";
import type { Surroundings, Theme } from "../rendered/surroundings.ts";

const variables = [
  "--monaco-monospace-font",
  "--vscode-editor-background",
  "--vscode-editor-foreground",
  "--vscode-focusBorder",
  "--vscode-textBlockQuote-background",
  "--vscode-textBlockQuote-border",
  "--vscode-textCodeBlock-background",
  "--vscode-textLink-foreground",
  "--vscode-widget-border",
];

/** The workbench as rendered text sees it. */
export async function surroundingsOf(path: string, addresses: Addresses): Promise<Surroundings> {
  const files = await getService(IFileService);
  const editors = await getService(IEditorService);
  const opener = await getService(IOpenerService);
  const languages = await getService(ILanguageService);
  const themes = await getService(IWorkbenchThemeService);
  const commands = await getService(ICommandService);
  const openInShare = async (resource: URI) => {
    const isFolder = await files.stat(resource).then(
      ({ isDirectory }) => isDirectory,
      // The editor reports a missing file.
      () => false,
    );
    if (isFolder) {
      await commands.executeCommand("revealInExplorer", resource);
      await commands.executeCommand("list.expand");
    } else await editors.openEditor({ resource });
  };
  return {
    path,
    read: async (picture) => (await files.readFile(addresses.uriOf(picture))).value.buffer,
    open(target) {
      if (target.kind === "share") void openInShare(addresses.uriOf(target.path));
      // The workbench asks before it opens an external address.
      else if (target.kind === "outside")
        void opener.open(target.address, { openExternal: true, allowCommands: false });
    },
    colour(code, language) {
      const known = languages.getLanguageIdByLanguageName(language) ?? languages.getLanguageIdByMimeType(language);
      return tokenizeToString(languages, code, known ?? language);
    },
    theme: themeOf(themes),
  };
}

function themeOf(themes: IWorkbenchThemeService): Theme {
  return {
    get colours() {
      return document.querySelector(".vscode-tokens-styles")?.textContent ?? "";
    },
    get variables() {
      const style = getComputedStyle(document.querySelector(".monaco-workbench") ?? document.body);
      return Object.fromEntries(variables.map((name) => [name, style.getPropertyValue(name)]));
    },
    onChange: (listener) => themes.onDidColorThemeChange(() => requestAnimationFrame(listener)),
  };
}
