import type { DisposableStore } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import { element } from "../page/element.ts";

/** A file that is to be shown, and where. */
export interface Viewed {
  readonly container: HTMLElement;
  readonly name: string;
  /** Where the file's bytes are; what is fetched there is a download, never a page. */
  readonly address: string;
  readonly store: DisposableStore;
  /** The whole file. @throws Error with a reason for people */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  /** In the text editor. */
  openAsText(): void;
}

/** Shows a file of its kind; once the store is disposed, the container is another file's. */
export type Show = (viewed: Viewed) => Promise<void>;

/** A link that looks like a button: the browser itself fetches the file. */
export function downloadLink({ address, name }: Pick<Viewed, "address" | "name">): HTMLElement {
  return element("a", { class: "viewer-button", href: address, download: name }, "Download");
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
