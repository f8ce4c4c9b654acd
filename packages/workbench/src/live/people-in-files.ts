import { Emitter } from "@codingame/monaco-vscode-api/vscode/vs/base/common/event";
import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import type {
  IDecorationData,
  IDecorationsProvider,
} from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/decorations/common/decorations";
import type { Person } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import { personName } from "../page/person-words.ts";
import type { Session } from "../session/session.ts";

/** Shows in the explorer and on tabs who else is in a file. */
export class PeopleInFiles implements IDecorationsProvider {
  readonly label = "Who is in this file";
  readonly #changed = new Emitter<readonly URI[]>();
  readonly onDidChange = this.#changed.event;
  readonly #session: Session;
  readonly #addresses: Addresses;
  #names: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(session: Session, addresses: Addresses) {
    this.#session = session;
    this.#addresses = addresses;
    session.onPeople.listen((people) => this.#show(people));
    this.#show(session.welcome.people);
  }

  provideDecorations(resource: URI): IDecorationData | undefined {
    const names = this.#names.get(this.#addresses.pathOf(resource) ?? "");
    if (names === undefined) return undefined;
    const [first = ""] = names;
    return {
      letter: names.length === 1 ? initialsOf(first) : String(names.length),
      tooltip: `${listOf(names)} ${names.length === 1 ? "is" : "are"} in this file`,
    };
  }

  #show(people: readonly Person[]): void {
    const names = namesByPath(people, this.#session.welcome.you.session);
    const paths = new Set([...names.keys(), ...this.#names.keys()]);
    const changed = [...paths].filter((path) => String(names.get(path)) !== String(this.#names.get(path)));
    this.#names = names;
    if (changed.length > 0) this.#changed.fire(changed.map((path) => this.#addresses.uriOf(path)));
  }
}

function namesByPath(people: readonly Person[], you: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const person of people) {
    const { session, path } = person;
    if (path && session !== you) names.set(path, [...(names.get(path) ?? []), personName(person)]);
  }
  return names;
}

/** Two letters at most: there is no room for more. */
function initialsOf(name: string): string {
  const words = name
    .replace(/\(.*\)$/, "")
    .split(/\s+/)
    .filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
}

function listOf(names: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(names);
}
