import type { SessionCloseReason } from "@waiide/protocol";
import type { OpenPart } from "../guests/guests.ts";
import { hashOf, isSameHash, newSecret } from "../records/secrets.ts";
import type { StoredSession } from "../store/stored.ts";

/** A page that reloads or reconnects finds what it had open for this long. Milliseconds. */
const grace = 30_000;

/** Bytes between a guest and an app. */
export interface Traffic {
  sent: number;
  received: number;
}

/**
 * What one open page of a guest may do: use the shared app (RULES R31). It lives as long as the page's session socket, and
 * only its hash is kept.
 */
export class Capability implements OpenPart {
  readonly session: StoredSession;
  readonly hash: string;
  readonly traffic: Traffic = { sent: 0, received: 0 };
  readonly #parts = new Set<OpenPart>();
  readonly #onEnd: (capability: Capability) => void;
  #pages = 1;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(session: StoredSession, hash: string, onEnd: (capability: Capability) => void) {
    this.session = session;
    this.hash = hash;
    this.#onEnd = onEnd;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Another page of the guest goes on with it. */
  take(): void {
    clearTimeout(this.#timer);
    this.#pages += 1;
  }

  /** A page that has it was closed. */
  leave(): void {
    this.#pages -= 1;
    if (this.#pages === 0 && !this.#isOver) this.#timer = setTimeout(() => this.end("stopped"), grace).unref();
  }

  /** @returns call it when the answer or the socket is over */
  opened(part: OpenPart): () => void {
    this.#parts.add(part);
    return () => void this.#parts.delete(part);
  }

  /** Ends everything that was opened by it, at once. */
  end(reason: SessionCloseReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#onEnd(this);
    for (const part of [...this.#parts]) part.end(reason);
  }
}

/** The capabilities of all guests. */
export class Capabilities {
  readonly #byShare = new Map<string, Set<Capability>>();

  /**
   * @param onEnd told when it is over
   * @returns the capability, and the token that stands for it, which is kept nowhere
   */
  open(session: StoredSession, onEnd: () => void): { readonly capability: Capability; readonly token: string } {
    const token = newSecret();
    const ofShare = this.#byShare.get(session.share) ?? new Set();
    const capability = new Capability(session, hashOf(token), (ended) => {
      this.#forget(ended);
      onEnd();
    });
    this.#byShare.set(session.share, ofShare.add(capability));
    return { capability, token };
  }

  /** The live capability of a share that a token stands for. */
  find(share: string, token: string): Capability | undefined {
    const hash = hashOf(token);
    return [...(this.#byShare.get(share) ?? [])].find((one) => isSameHash(one.hash, hash));
  }

  close(): void {
    for (const ofShare of [...this.#byShare.values()]) for (const one of [...ofShare]) one.end("stopped");
  }

  #forget(capability: Capability): void {
    const { share } = capability.session;
    const ofShare = this.#byShare.get(share);
    ofShare?.delete(capability);
    if (ofShare?.size === 0) this.#byShare.delete(share);
  }
}
