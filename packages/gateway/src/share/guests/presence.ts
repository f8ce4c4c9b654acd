import type { Person, ServerMessage } from "@waiide/protocol";
import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";

/** A guest's open page, or the window of a Terminal Access guest. */
export interface Member {
  readonly person: Person;
  /** Whose page it is: pages of one guest are one person to others. */
  readonly guest: string;
  send(message: ServerMessage): void;
  /** @param text the message itself; a member who is behind may get only the newest of its type */
  sendNewest(type: ServerMessage["type"], text: string): void;
  /** Whether guests of the share may see a file now. @param path relative to the share's root */
  sees(path: string): Promise<boolean>;
}

const presenceTimeout = 10_000;

/** For `sees`. */
export function seenIn(files: Pick<GuestWorkspace, "handle">, path: string): Promise<boolean> {
  return files.handle("stat", { path }, AbortSignal.timeout(presenceTimeout)).then(
    () => true,
    () => false,
  );
}

export interface PresenceListener {
  /** Somebody came, left or moved. */
  readonly onTold: () => void;
  /** A guest asks everybody to follow them, also the owner. */
  readonly onInvite: (person: Person) => void;
}

/** Between two messages about the people of a share, for each ten members. Milliseconds. */
const gathering = 100;

/** The open pages of one share, which are notified of each other (DESIGN §3.5: presence). */
export class SharePresence {
  readonly #members = new Set<Member>();
  /** By guest: the page where they moved last. */
  readonly #latest = new Map<string, Member>();
  readonly #onTold: PresenceListener["onTold"];
  readonly #onInvite: PresenceListener["onInvite"];
  #owner: Person | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ onTold, onInvite }: Partial<PresenceListener> = {}) {
    this.#onTold = onTold ?? (() => {});
    this.#onInvite = onInvite ?? (() => {});
  }

  /** The owner first, then each guest once: to themselves by the page that asks, to others by the one where they moved last. */
  peopleFor(member: Member): Person[] {
    return this.#peopleIn(this.#pages(), member);
  }

  /** Each guest once, for the owner. */
  get guests(): Person[] {
    return [...this.#pages()].map(([guest, [first]]) => ((this.#latest.get(guest) ?? first) as Member).person);
  }

  /** The owner is in an IDE, as guests of this share may see it; undefined: in none. */
  set owner(owner: Person | undefined) {
    if (JSON.stringify(owner) === JSON.stringify(this.#owner)) return;
    this.#owner = owner;
    this.changed();
  }

  isFollowed(session: string): boolean {
    return [...this.#members].some(({ person }) => person.follows === session);
  }

  has(session: string): boolean {
    return [...this.#members].some(({ person }) => person.session === session);
  }

  #pages(): Map<string, Member[]> {
    return Map.groupBy(this.#members, ({ guest }) => guest);
  }

  #peopleIn(pages: ReadonlyMap<string, readonly Member[]>, member: Member): Person[] {
    const guests = [...pages].map(([guest, [first]]) => {
      const shown = guest === member.guest ? member : (this.#latest.get(guest) ?? first);
      return (shown as Member).person;
    });
    return this.#owner === undefined ? guests : [this.#owner, ...guests];
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
    if (this.#members.size === 0) this.#becameEmpty();
    else this.#timer ??= setTimeout(() => this.#tell(), gathering * Math.ceil(this.#members.size / 10)).unref();
  }

  send(message: ServerMessage): void {
    for (const member of this.#members) member.send(message);
  }

  get members(): Iterable<Member> {
    return this.#members;
  }

  /** A guest asks everybody else to follow them. */
  invite({ guest, person }: Member): void {
    const { session, name } = person;
    for (const other of this.#members) if (other.guest !== guest) other.send({ type: "invited", session, name });
    this.#onInvite(person);
  }

  #becameEmpty(): void {
    this.close();
    this.#onTold();
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
    this.#onTold();
    const pages = this.#pages();
    for (const member of this.#members) {
      member.sendNewest("people", JSON.stringify({ type: "people", people: this.#peopleIn(pages, member) }));
    }
  }
}
