import { TabInputText, TabInputTextDiff, type TextDocument, type Uri, window } from "vscode";

/** Files of the server: in the page they are remote ones, in an IDE on the same machine plain files. */
export function isFileUri({ scheme }: Uri): boolean {
  return scheme === "vscode-remote" || scheme === "file";
}

export function isFile({ uri }: TextDocument): boolean {
  return isFileUri(uri);
}

/** The files whose text tabs show, each once. */
export function textTabs(): Uri[] {
  const uris = window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap(({ input }) => {
      if (input instanceof TabInputText) return [input.uri];
      return input instanceof TabInputTextDiff ? [input.modified] : [];
    }),
  );
  return [...new Map(uris.filter(isFileUri).map((uri) => [uri.toString(), uri])).values()];
}

/** Whether a tab shows the text of a file. */
export function hasTab(uri: Uri): boolean {
  const wanted = uri.toString();
  return textTabs().some((one) => one.toString() === wanted);
}
