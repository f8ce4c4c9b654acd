import type { SessionCloseReason } from "@waiide/protocol";
import type { ShareEvents } from "../share-events.ts";

/** Something that a guest has open: a session's socket, a tunnel, a download. */
export interface OpenPart {
  /** Ends it at once, with the reason where that can be sent. */
  end(reason: SessionCloseReason): void;
}

interface Presence {
  /** Sockets of pages: they are what makes a guest present. */
  readonly pages: Set<OpenPart>;
  /** Requests under way, which come and go by themselves. */
  readonly requests: Set<OpenPart>;
  /** When they last entered or asked for something. Milliseconds since 1970. */
  seenAt: number;
  /** The address they entered from, until their first page opens. */
  enteredFrom: string | undefined;
}

/** A guest with nothing open counts as in for this long: pages load in between. Milliseconds. */
const lingering = 30_000;

/** Which guests are in now, and what they have open, which ends with their session. */
export class Guests {
  readonly #clock: () => number;
  readonly #present = new Map<string, Presence>();
  readonly #events: Pick<ShareEvents, "emit">;

  /** @param events told when a guest opens their first page or closes their last */
  constructor(events: Pick<ShareEvents, "emit">, clock: () => number = Date.now) {
    this.#events = events;
    this.#clock = clock;
  }

  /** Notes that a guest entered. */
  entered(session: string, address: string): void {
    this.#seen(session).enteredFrom = address;
  }

  /** The address that a guest entered from, until their first page opens. */
  enteredFrom(session: string): string | undefined {
    return this.#present.get(session)?.enteredFrom;
  }

  /** Has neither a page open nor a request under way. */
  isAbsent(session: string): boolean {
    return !this.isPresent(session) && this.requestsOf(session) === 0;
  }

  /** @returns call it when the page's socket has closed */
  opened(session: string, page: OpenPart): () => void {
    const presence = this.#seen(session);
    const { pages } = presence;
    presence.enteredFrom = undefined;
    pages.add(page);
    if (pages.size === 1) this.#events.emit("change");
    return () => {
      if (!pages.delete(page)) return;
      this.#seen(session);
      if (pages.size === 0) this.#events.emit("change");
    };
  }

  /** @returns call it when the request has been answered */
  asked(session: string, request: OpenPart): () => void {
    const { requests } = this.#seen(session);
    requests.add(request);
    return () => void requests.delete(request);
  }

  /** Has a page open. */
  isPresent(session: string): boolean {
    return (this.#present.get(session)?.pages.size ?? 0) > 0;
  }

  /** How many of their pages are open. */
  pagesOf(session: string): number {
    return this.#present.get(session)?.pages.size ?? 0;
  }

  /** How many of their requests are under way. */
  requestsOf(session: string): number {
    return this.#present.get(session)?.requests.size ?? 0;
  }

  /** Has a page open, or had until a moment ago. A place in the share is taken by open pages only. */
  isIn(session: string): boolean {
    const presence = this.#present.get(session);
    if (presence === undefined) return false;
    return presence.pages.size > 0 || this.#clock() - presence.seenAt < lingering;
  }

  /** Ends everything that a guest has open. @returns whether something was open */
  end(session: string, reason: SessionCloseReason): boolean {
    const presence = this.#present.get(session);
    if (presence === undefined) return false;
    const parts = [...presence.pages, ...presence.requests];
    for (const part of parts) part.end(reason);
    return parts.length > 0;
  }

  /** Their session is over. */
  forget(session: string): void {
    this.#present.delete(session);
  }

  close(): void {
    for (const session of this.#present.keys()) this.end(session, "stopped");
    this.#present.clear();
  }

  #seen(session: string): Presence {
    const now = this.#clock();
    const known = this.#present.get(session);
    if (known !== undefined) {
      known.seenAt = now;
      return known;
    }
    const fresh = { pages: new Set<OpenPart>(), requests: new Set<OpenPart>(), seenAt: now, enteredFrom: undefined };
    this.#present.set(session, fresh);
    return fresh;
  }
}
