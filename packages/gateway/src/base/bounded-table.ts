/**
 * A table with a limit: a new entry takes the place of the oldest. lru-cache is for the rest: it keeps what is used most and
 * takes its room in advance, while here age decides, reading changes nothing and an empty table costs nothing.
 */
export class BoundedTable<Key, Value> extends Map<Key, Value> {
  readonly #max: number;

  constructor(max: number) {
    super();
    this.#max = max;
  }

  /** Setting an entry again makes it the youngest. */
  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.#max) this.delete(this.keys().next().value as Key);
    return this;
  }
}
