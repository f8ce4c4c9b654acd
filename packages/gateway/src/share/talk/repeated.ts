import { BoundedTable } from "../../base/bounded-table.ts";

/** Requests of all shares that are recognized when they come a second time. */
const maxKeys = 1_000;

/** What pages may ask for again after a lost connection: done once for each key of a session. */
export class Repeated<Value> {
  readonly #done = new BoundedTable<string, Promise<Value>>(maxKeys);

  once(session: string, key: string, work: () => Promise<Value>): Promise<Value> {
    const name = `${session} ${key}`;
    const known = this.#done.get(name);
    if (known !== undefined) return known;
    const working = work();
    this.#done.set(name, working);
    working.catch(() => this.#done.delete(name));
    return working;
  }
}
