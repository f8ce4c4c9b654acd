/**
 * The origin that links point to. An administrator or the hub says it; else it is where the owner's browser last opened an
 * IDE socket, which the gate has let in with a checked Origin. Never a Host header that anybody may send (DESIGN §3.1).
 */
export class PublicOrigin {
  readonly #configured: string | undefined;
  #learned: string | undefined;

  constructor(configured: string | undefined) {
    this.#configured = configured;
  }

  /** @param origin the Origin header of an upgrade that was accepted as the owner's */
  learn(origin: string | undefined): void {
    if (origin !== undefined && /^https?:\/\/[^/?#\s]+$/.test(origin)) this.#learned = origin;
  }

  /** `https://host[:port]`; undefined: nobody has said or shown it yet. */
  get value(): string | undefined {
    return this.#configured ?? this.#learned;
  }
}
