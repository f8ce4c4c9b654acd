import { TabInputText, TabInputTextDiff, type TextDocument, type Uri, window } from "vscode";

/** Files of the server: in the page they are remote ones, in an IDE on the same machine plain files. */
export function isFileUri({ scheme }: Uri): boolean {
  return scheme === "vscode-remote" || scheme === "file";
}

export function isFile({ uri }: TextDocument): boolean {
  return isFileUri(uri);
}

/** Whether a tab shows the text of a file. */
export function hasTab(uri: Uri): boolean {
  const wanted = uri.toString();
  return window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => {
      if (input instanceof TabInputText) return input.uri.toString() === wanted;
      return input instanceof TabInputTextDiff && input.modified.toString() === wanted;
    }),
  );
}
