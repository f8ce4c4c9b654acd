import { type Disposable, EventEmitter, type FileDecoration, ThemeColor, Uri, window } from "vscode";
import { t } from "../../text/translation.ts";
import { initialsOf, shownName } from "./shown-person.ts";

export interface Present {
  readonly name: string;
}

/** Shows in the explorer and on tabs who else is in a file. */
export class Badges {
  readonly #people = new Map<string, readonly Present[]>();
  readonly #changes = new EventEmitter<Uri[]>();
  readonly #registration: Disposable;

  constructor() {
    this.#registration = window.registerFileDecorationProvider({
      onDidChangeFileDecorations: this.#changes.event,
      provideFileDecoration: (uri) => this.#decoration(uri),
    });
  }

  /** @param uris of one file */
  show(uri: Uri, people: readonly Present[]): void {
    const key = uri.toString();
    if (people.length === 0) this.#people.delete(key);
    else this.#people.set(key, people);
    this.#changes.fire([uri]);
  }

  clear(): void {
    const uris = [...this.#people.keys()].map((key) => Uri.parse(key, true));
    this.#people.clear();
    this.#changes.fire(uris);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
  }

  #decoration(uri: Uri): FileDecoration | undefined {
    const people = this.#people.get(uri.toString());
    const [first] = people ?? [];
    if (people === undefined || first === undefined) return undefined;
    const names = people.map(({ name }) => shownName(name)).join(", ");
    return {
      badge: people.length === 1 ? initialsOf(first.name) : String(Math.min(people.length, 99)),
      tooltip: t("In this file now: {0}", names),
      color: new ThemeColor("charts.blue"),
    };
  }
}
