import type { WindowPerson } from "@waiide/protocol/live";
import { commands } from "vscode";

/** Who else is in the shares of this window, as the gateway said last. */
export class Company {
  #people: readonly WindowPerson[] = [];
  #you = "";

  get people(): readonly WindowPerson[] {
    return this.#people;
  }

  /** Whether somebody follows the person of this window. */
  get isFollowed(): boolean {
    return this.#people.some(({ follows }) => follows === this.#you);
  }

  /** The shares in which somebody is. */
  get shares(): readonly string[] {
    return [...new Set(this.#people.map(({ share }) => share))];
  }

  receive(people: readonly WindowPerson[], you: string): void {
    this.#people = people;
    this.#you = you;
    void commands.executeCommand("setContext", "waiide.live.people", people.length > 0);
  }

  of(session: string): WindowPerson | undefined {
    return this.#people.find((person) => person.session === session);
  }

  /** A guest as the list of shares names them: of several pages of one guest, another may be the one that they use. */
  find({ share, session, name }: Pick<WindowPerson, "share" | "session" | "name">): WindowPerson | undefined {
    return this.of(session) ?? this.#people.find((person) => person.share === share && person.name === name);
  }
}
