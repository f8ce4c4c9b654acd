import type { DisposableStore } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import { element } from "../page/element.ts";

/** A file to show, and where to show it. */
export interface Viewed {
  readonly container: HTMLElement;
  readonly name: string;
  /** Address of the file's bytes, which is a download and never a page. */
  readonly address: string;
  readonly store: DisposableStore;
  /** The whole file. @throws Error with a reason for people */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  /** In the text editor. */
  openAsText(): void;
}

/** Shows a file of its kind. Once the store is disposed, the container belongs to another file. */
export type Show = (viewed: Viewed) => Promise<void>;

/** A link that looks like a button: the browser downloads the file. */
export function downloadLink({ address, name }: Pick<Viewed, "address" | "name">): HTMLElement {
  return element("a", { class: "viewer-button", href: address, download: name }, "Download");
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
