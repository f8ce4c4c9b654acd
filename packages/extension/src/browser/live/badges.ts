import type { WindowPerson } from "@waiide/protocol/live";
import { type Disposable, EventEmitter, type FileDecoration, ThemeColor, type Uri, window, workspace } from "vscode";
import { t } from "../../text/translation.ts";
import { initialsOf, shownName } from "./shown-person.ts";

export interface Present {
  /** Their session. */
  readonly person: string;
  readonly name: string;
}

type People = Map<string, readonly Present[]>;

/** Shows in the explorer and on tabs who else is in a file: who has it open live, and who looks at it, live or not. */
export class Badges {
  /** By paths, as all of these. */
  readonly #live: People = new Map();
  #looking: People = new Map();
  readonly #changes = new EventEmitter<Uri[]>();
  readonly #registration: Disposable;

  constructor() {
    this.#registration = window.registerFileDecorationProvider({
      onDidChangeFileDecorations: this.#changes.event,
      provideFileDecoration: ({ path, scheme }) =>
        scheme === folderUri()?.scheme ? decorationFor(this.#peopleIn(path)) : undefined,
    });
  }

  /** Who else has a live file open. */
  showLive(path: string, people: readonly Present[]): void {
    if (people.length === 0) this.#live.delete(path);
    else this.#live.set(path, people);
    this.#tell([path]);
  }

  /** Which files others have in front. */
  showLooking(people: readonly Pick<WindowPerson, "session" | "name" | "path">[]): void {
    const before = this.#looking;
    this.#looking = new Map();
    for (const { session, name, path } of people) {
      if (path !== null) this.#looking.set(path, [...(this.#looking.get(path) ?? []), { person: session, name }]);
    }
    const paths = new Set([...before.keys(), ...this.#looking.keys()]);
    const namesIn = (all: People, path: string) => JSON.stringify(all.get(path));
    this.#tell([...paths].filter((path) => namesIn(before, path) !== namesIn(this.#looking, path)));
  }

  clear(): void {
    const paths = [...this.#live.keys(), ...this.#looking.keys()];
    this.#live.clear();
    this.#looking.clear();
    this.#tell(paths);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
  }

  #peopleIn(path: string): Present[] {
    const all = [...(this.#looking.get(path) ?? []), ...(this.#live.get(path) ?? [])];
    return [...new Map(all.map((one) => [one.person, one])).values()];
  }

  #tell(paths: readonly string[]): void {
    const folder = folderUri();
    if (folder !== undefined && paths.length > 0) this.#changes.fire(paths.map((path) => folder.with({ path })));
  }
}

/** Files have the scheme and the host of the window's folder. */
function folderUri(): Uri | undefined {
  return workspace.workspaceFolders?.[0]?.uri;
}

function decorationFor(people: readonly Present[]): FileDecoration | undefined {
  const [first] = people;
  if (first === undefined) return undefined;
  const names = people.map(({ name }) => shownName(name)).join(", ");
  return {
    badge: people.length === 1 ? initialsOf(first.name) : String(Math.min(people.length, 99)),
    tooltip: t("In this file now: {0}", names),
    color: new ThemeColor("charts.blue"),
  };
}
