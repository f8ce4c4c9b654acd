import type { Person, ServerMessage } from "@waiide/protocol";

/** Somebody whose page is open on a share. */
export interface Member {
  readonly person: Person;
  send(message: ServerMessage): void;
}

/** News of people go out at most so often. Milliseconds. */
const gathering = 100;

/** Everybody whose page is open on one share, told of each other (DESIGN §3.5: presence). */
export class Room {
  readonly #members = new Set<Member>();
  #timer: NodeJS.Timeout | undefined;

  get people(): Person[] {
    return [...this.#members].map(({ person }) => person);
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** @returns to be called when the page has closed */
  join(member: Member): () => void {
    this.#members.add(member);
    this.changed();
    return () => {
      this.#members.delete(member);
      this.changed();
    };
  }

  /** Somebody came, went or moved: all are told, a moment later and together. */
  changed(): void {
    if (this.#members.size === 0) this.close();
    else this.#timer ??= setTimeout(() => this.#tell(), gathering).unref();
  }

  send(message: ServerMessage): void {
    for (const member of this.#members) member.send(message);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    this.#timer = undefined;
    this.send({ type: "people", people: this.people });
  }
}
