/** Notifies all listeners. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** @returns what ends listening */
  listen(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
