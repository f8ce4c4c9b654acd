import type { SessionCloseReason } from "@waiide/protocol";

/** Something of a guest's that is open now: a session's socket, a tunnel, a download. */
export interface OpenPart {
  /** Ends it at once, and says why where it can. */
  end(reason: SessionCloseReason): void;
}

interface Presence {
  readonly parts: Set<OpenPart>;
  /** When he last came in or asked for something. Milliseconds since 1970. */
  seenAt: number;
}

/** Who has nothing open is still taken to be in for so long: pages load in between. Milliseconds. */
const lingering = 30_000;

/** Which guests are in at this moment, and everything of theirs that must end when their part in a share does. */
export class Guests {
  readonly #clock: () => number;
  readonly #present = new Map<string, Presence>();
  readonly #onChange: () => void;

  /** @param onChange called when a guest opened his first part or closed his last */
  constructor({ onChange, clock = Date.now }: { readonly onChange: () => void; readonly clock?: () => number }) {
    this.#onChange = onChange;
    this.#clock = clock;
  }

  /** Notes that a guest asked for something. */
  seen(session: string): void {
    this.#presence(session).seenAt = this.#clock();
  }

  /** @returns to be called when the part has closed */
  opened(session: string, part: OpenPart): () => void {
    const presence = this.#presence(session);
    presence.parts.add(part);
    presence.seenAt = this.#clock();
    if (presence.parts.size === 1) this.#onChange();
    return () => {
      if (!presence.parts.delete(part)) return;
      presence.seenAt = this.#clock();
      if (presence.parts.size === 0) this.#onChange();
    };
  }

  /** Has something open. */
  isPresent(session: string): boolean {
    return (this.#present.get(session)?.parts.size ?? 0) > 0;
  }

  /** Takes a place in the share: has something open, or had until a moment ago. */
  isIn(session: string): boolean {
    const presence = this.#present.get(session);
    if (presence === undefined) return false;
    return presence.parts.size > 0 || this.#clock() - presence.seenAt < lingering;
  }

  /** Ends everything of a guest's. @returns whether something was open */
  end(session: string, reason: SessionCloseReason): boolean {
    const presence = this.#present.get(session);
    if (presence === undefined) return false;
    const parts = [...presence.parts];
    for (const part of parts) part.end(reason);
    return parts.length > 0;
  }

  /** His session is over: he will not be seen again. */
  forget(session: string): void {
    this.#present.delete(session);
  }

  close(): void {
    for (const session of this.#present.keys()) this.end(session, "stopped");
    this.#present.clear();
  }

  #presence(session: string): Presence {
    const known = this.#present.get(session);
    if (known !== undefined) return known;
    const fresh = { parts: new Set<OpenPart>(), seenAt: this.#clock() };
    this.#present.set(session, fresh);
    return fresh;
  }
}
