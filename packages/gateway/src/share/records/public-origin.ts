/**
 * The origin of links: set by an administrator or the hub, else the checked Origin of the owner's last IDE socket. Never a
 * Host header, which anyone can send (DESIGN §3.1).
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

  /** `https://host[:port]`; undefined: not known yet. */
  get value(): string | undefined {
    return this.#configured ?? this.#learned;
  }
}
