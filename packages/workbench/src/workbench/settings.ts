import type { Level, Scope } from "@waiide/protocol";

/** The workbench's default settings; a guest can change them for this share. */
export function defaultSettings(level: Level, scope: Scope, isNarrow: boolean): Readonly<Record<string, unknown>> {
  return {
    // The system's color scheme, until the guest chooses another.
    "window.autoDetectColorScheme": true,
    "window.autoDetectHighContrast": true,
    "workbench.preferredDarkColorTheme": "Default Dark Modern",
    "workbench.preferredLightColorTheme": "Default Light Modern",
    "workbench.iconTheme": "vs-seti",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": !isNarrow,
    "workbench.commandPalette.experimental.enableNaturalLanguageSearch": false,
    "workbench.layoutControl.enabled": false,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "window.menuBarVisibility": "compact",
    "window.commandCenter": true,
    "security.workspace.trust.enabled": false,
    "files.autoSave": level === "view" ? "off" : "afterDelay",
    "files.autoSaveDelay": 1000,
    // It rewrites whole files by itself, and the files are the owner's.
    "editor.formatOnSave": false,
    "explorer.confirmDragAndDrop": true,
    // There is no view of all comments here.
    "comments.openView": "never",
    "telemetry.telemetryLevel": "off",
    "extensions.ignoreRecommendations": true,
    "workbench.localHistory.enabled": false,
    "json.schemaDownload.enable": false,
    ...(isNarrow && narrowPage),
    ...(isSingleFile(scope) && singleEditor),
  };
}

/** On a phone the text gets the space. */
const narrowPage = {
  "workbench.activityBar.location": "top",
  "window.commandCenter": false,
  "editor.minimap.enabled": false,
  "editor.wordWrap": "on",
  "editor.lineNumbersMinChars": 3,
  "editor.glyphMargin": false,
  "editor.folding": false,
};

/** A shared file or selection is a single editor, without an explorer. */
const singleEditor = {
  "workbench.activityBar.location": "hidden",
  "workbench.editor.showTabs": "none",
  "window.commandCenter": false,
  "window.menuBarVisibility": "hidden",
  "breadcrumbs.enabled": false,
};

export function isSingleFile(scope: Scope): scope is Extract<Scope, { kind: "file" | "selection" }> {
  return scope.kind === "file" || scope.kind === "selection";
}
