import type { IMarkdownString } from "@codingame/monaco-vscode-api/vscode/vs/base/common/htmlContent";
import type { ReadOnlyReason } from "@waiide/protocol";
import type { Session } from "../session/session.ts";

/** `large`: a file that is not read at once cannot be saved with a base. */
type Reason = ReadOnlyReason | "large";

/** Only our own words: the workbench renders them as Markdown (RULES R17). */
const messages: Readonly<Record<Reason, IMarkdownString>> = {
  level: { value: "This share is View Only: you can view files, but not edit them." },
  scope: { value: "Guests cannot change this here." },
  protected: { value: "Protected: guests cannot change this file, because the owner's tools may run it." },
  outdated: { value: "Out of date: the file has changed, and the position of this part is no longer certain." },
  locked: { value: "This file is read-only on the owner's disk." },
  linked: { value: "Guests cannot change this file: it has a second name on the owner's disk (a hard link)." },
  encoding: {
    value: "This file is not text in UTF-8. Guests cannot change it, because saving it here would damage it.",
  },
  large: { value: "This file is too large to be changed here." },
};

/** Why files are read-only, by the server's last answer for each. */
export class ReadOnlyReasons {
  readonly #session: Session;
  readonly #known = new Map<string, IMarkdownString>();
  /** Files in another encoding than UTF-8, known once they were read. */
  readonly #foreign = new Set<string>();

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * @param reason undefined: it can be written
   * @param because of a protected file: the server's words for what runs it
   */
  note(path: string, reason: Reason | undefined, because?: string): void {
    // This one applies to the whole share.
    if (reason === undefined || reason === "level") this.#known.delete(path);
    else this.#known.set(path, because === undefined ? messages[reason] : protectedBecause(because));
  }

  /** @returns whether that is news */
  noteForeign(path: string, isForeign: boolean): boolean {
    const was = this.#foreign.has(path);
    if (isForeign) this.#foreign.add(path);
    else this.#foreign.delete(path);
    return was !== isForeign;
  }

  isForeign(path: string): boolean {
    return this.#foreign.has(path);
  }

  /** Why the whole share is read-only; undefined: it is not. */
  get ofShare(): IMarkdownString | undefined {
    return this.#session.welcome.share.level === "view" ? messages.level : undefined;
  }

  of(path: string): IMarkdownString | undefined {
    return this.ofShare ?? this.#known.get(path) ?? (this.#foreign.has(path) ? messages.encoding : undefined);
  }
}

/** Words from the server's own tables, which contain no markup; any would be removed here (RULES R17). */
function protectedBecause(because: string): IMarkdownString {
  return { value: `Protected: ${because.replace(/[^\w ,()'-]/g, "")}.` };
}
