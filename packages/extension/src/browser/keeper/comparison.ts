import { commands, EventEmitter, type TextDocumentContentProvider, Uri } from "vscode";
import type { KeptText } from "./kept-text.ts";
import { type Found, find } from "./target.ts";

/** Shows kept text, and files, in comparisons. */
export const keptScheme = "waiide-kept";

interface Side {
  readonly uri: string;
  readonly page: string;
  readonly side: "kept" | "file";
}

/** Shows a kept text and its file beside each other. */
export class Comparisons implements TextDocumentContentProvider {
  readonly #find: (uri: string, page: string) => KeptText | undefined;
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;

  /** @param kept finds the kept texts that are offered */
  constructor(kept: (uri: string, page: string) => KeptText | undefined) {
    this.#find = kept;
  }

  /** The right side can be edited, unless the editor holds something else than the file: the file is what counts. */
  async show(kept: KeptText, { now }: Found, title: string): Promise<void> {
    const ownEditor = kept.cells === null && (!now.isUnsaved || now.disk.kind !== "text");
    const right = ownEditor ? Uri.parse(kept.uri, true) : sideUri(kept, "file");
    this.#changed.fire(right);
    await commands.executeCommand("vscode.diff", sideUri(kept, "kept"), right, title);
  }

  async provideTextDocumentContent({ query }: Uri): Promise<string> {
    const { uri, page, side } = JSON.parse(query) as Side;
    const kept = this.#find(uri, page);
    if (kept === undefined) return "";
    if (side === "kept") return kept.text;
    const { disk, editor = "" } = (await find(kept)).now;
    return disk.kind === "text" ? disk.text : editor;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** The URI has the file's name, which decides the language. */
function sideUri({ uri, page }: KeptText, side: Side["side"]): Uri {
  const { path } = Uri.parse(uri, true);
  return Uri.from({
    scheme: keptScheme,
    path: path.startsWith("/") ? path : `/${path}`,
    query: JSON.stringify({ uri, page, side } satisfies Side),
  });
}
