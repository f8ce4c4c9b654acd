import type { Person, ServerMessage } from "@waiide/protocol";

/** A guest's open page. */
export interface Member {
  readonly person: Person;
  /** Whose page it is: pages of one guest are one person to others. */
  readonly guest: string;
  send(message: ServerMessage): void;
  /** @param text the message itself; a member who is behind may get only the newest of its type */
  sendNewest(type: ServerMessage["type"], text: string): void;
}

/** Between two messages about the people of a share, for each ten members. Milliseconds. */
const gathering = 100;

/** The open pages of one share, which are notified of each other (DESIGN §3.5: presence). */
export class SharePresence {
  readonly #members = new Set<Member>();
  /** By guest: the page where they moved last. */
  readonly #latest = new Map<string, Member>();
  #timer: NodeJS.Timeout | undefined;

  /** Each guest once: to themselves by the page that asks, to others by the one where they moved last. */
  peopleFor(member: Member): Person[] {
    return this.#peopleIn(this.#pages(), member);
  }

  #pages(): Map<string, Member[]> {
    return Map.groupBy(this.#members, ({ guest }) => guest);
  }

  #peopleIn(pages: ReadonlyMap<string, readonly Member[]>, member: Member): Person[] {
    return [...pages].map(([guest, [first]]) => {
      const shown = guest === member.guest ? member : (this.#latest.get(guest) ?? first);
      return (shown as Member).person;
    });
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** @returns call it when the page has closed */
  join(member: Member): () => void {
    this.#members.add(member);
    this.changed(member);
    return () => {
      this.#members.delete(member);
      if (this.#latest.get(member.guest) === member) this.#latest.delete(member.guest);
      this.changed();
    };
  }

  /** A guest came, left or moved: all pages are notified together, a moment later. @param mover the page that moved */
  changed(mover?: Member): void {
    if (mover !== undefined) this.#latest.set(mover.guest, mover);
    if (this.#members.size === 0) this.close();
    else this.#timer ??= setTimeout(() => this.#tell(), gathering * Math.ceil(this.#members.size / 10)).unref();
  }

  send(message: ServerMessage): void {
    for (const member of this.#members) member.send(message);
  }

  get members(): Iterable<Member> {
    return this.#members;
  }

  /** All pages of other guests. */
  tellOthers(member: Member, message: ServerMessage): void {
    for (const other of this.#members) if (other.guest !== member.guest) other.send(message);
  }

  /** All pages of one guest. */
  tell(session: string, message: ServerMessage): void {
    for (const member of this.#members) if (member.person.session === session) member.send(message);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    this.#timer = undefined;
    const pages = this.#pages();
    for (const member of this.#members) {
      member.sendNewest("people", JSON.stringify({ type: "people", people: this.#peopleIn(pages, member) }));
    }
  }
}
