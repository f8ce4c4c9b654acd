import type { Person } from "@waiide/protocol";
import { Signal } from "../session/signal.ts";

/** Whom this guest follows, if anybody. It changes nothing on the page: others listen to it. */
export class Following {
  /** Somebody else, or the same person out of sight or back; undefined: nobody any more. */
  readonly onChange = new Signal<Person | undefined>();
  /** The followed person went elsewhere. */
  readonly onMove = new Signal<Person>();
  #person: Person | undefined;

  get person(): Person | undefined {
    return this.#person;
  }

  start(person: Person): void {
    this.#person = person;
    this.onChange.fire(person);
    this.onMove.fire(person);
  }

  stop(): void {
    if (this.#person === undefined) return;
    this.#person = undefined;
    this.onChange.fire(undefined);
  }

  /** The people of the share, as they are now. */
  update(people: readonly Person[]): void {
    const before = this.#person;
    if (before === undefined) return;
    const now = people.find(({ session }) => session === before.session);
    if (now === undefined) {
      this.stop();
      return;
    }
    this.#person = now;
    if (now.is_elsewhere !== before.is_elsewhere) this.onChange.fire(now);
    if (placeOf(now) !== placeOf(before)) this.onMove.fire(now);
  }
}

function placeOf({ path, view }: Person): string {
  return JSON.stringify([path, view]);
}
