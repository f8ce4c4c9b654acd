/** Anything long-lived that must be closed. */
export interface Closeable {
  close(): void | Promise<void>;
}

/** Everything that was started. It is closed in the reverse order. */
export class Lifetime implements Closeable {
  readonly #parts: Closeable[] = [];

  keep<Part extends Closeable>(part: Part): Part {
    this.#parts.push(part);
    return part;
  }

  /** One part that fails does not keep the others open; its error is thrown at the end. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const part of this.#parts.toReversed()) {
      try {
        await part.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "some parts of the gateway could not be closed");
  }
}

/** Parts that are closed at the same time, since each may take its whole grace period; and only once. */
export class ClosedTogether implements Closeable {
  readonly #parts: readonly Closeable[];
  #closing: Promise<void> | undefined;

  constructor(parts: readonly Closeable[]) {
    this.#parts = parts;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#parts.map((part) => part.close())).then(() => undefined);
    return this.#closing;
  }
}
