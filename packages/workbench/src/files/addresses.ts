import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";

/** The scheme of the share's files in the workbench. */
export const shareScheme = "waiide-share";

/** Paths of the share, as the session names them, and the addresses that the workbench has for them: `/root name/path`. */
export class Addresses {
  readonly #prefix: string;

  constructor(rootName: string) {
    // The root of a disk has an empty name.
    this.#prefix = `/${rootName || "workspace"}`;
  }

  uriOf(path: string): URI {
    return URI.from({ scheme: shareScheme, path: path === "" ? this.#prefix : `${this.#prefix}/${path}` });
  }

  /** undefined: not in the share. */
  pathOf(uri: URI): string | undefined {
    if (uri.scheme !== shareScheme) return undefined;
    if (uri.path === this.#prefix || uri.path === `${this.#prefix}/`) return "";
    return uri.path.startsWith(`${this.#prefix}/`) ? uri.path.slice(this.#prefix.length + 1) : undefined;
  }
}
