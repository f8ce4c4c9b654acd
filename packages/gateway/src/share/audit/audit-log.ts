import type { AuditEvent } from "@waiide/protocol";
import type { AuditDetails, StoreChange, StoredSession, StoredShare } from "../store/stored.ts";

/** Refusals of one share are written at most so often, with their number. Milliseconds. */
const refusalInterval = 60_000;

/** Makes audit entries; those of refusals are counted and written together, so that a guesser cannot fill the disk. */
export class AuditLog {
  readonly #write: (changes: readonly StoreChange[]) => void;
  readonly #clock: () => number;
  readonly #refusals = new Map<string, { count: number; reasons: Set<string> }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param write stores entries that nobody waits for */
  constructor(write: (changes: readonly StoreChange[]) => void, clock: () => number = Date.now) {
    this.#write = write;
    this.#clock = clock;
  }

  /** An entry, to be committed together with what it tells of. */
  entry(event: AuditEvent, share: string, who: string, details: AuditDetails = {}): StoreChange {
    return { type: "audit", entry: { at: this.#clock(), event, share, who, details } };
  }

  note(event: AuditEvent, share: string, who: string, details: AuditDetails = {}): void {
    this.#write([this.entry(event, share, who, details)]);
  }

  /** @param share of a share that exists: others would let strangers choose what is remembered */
  refused(share: string, reason: string): void {
    const known = this.#refusals.get(share) ?? { count: 0, reasons: new Set<string>() };
    known.count += 1;
    if (known.reasons.size < 20) known.reasons.add(reason);
    this.#refusals.set(share, known);
    this.#timer ??= setTimeout(() => this.flush(), refusalInterval).unref();
  }

  /** Writes the refusals counted so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = [...this.#refusals].map(([share, { count, reasons }]) =>
      this.entry("refuse", share, "gateway", { count, reasons: [...reasons].join(", ") }),
    );
    this.#refusals.clear();
    if (entries.length > 0) this.#write(entries);
  }
}

/** For the audit: a guest under the name he chose or has at the hub, told apart by his session. */
export function whoIs({ name, id, hubUser }: Pick<StoredSession, "name" | "id" | "hubUser">): string {
  return hubUser === null ? `${name} (${id})` : `${hubUser} of the hub (${id})`;
}

/** What a share is, for the audit. */
export function describe({
  level,
  scope,
  root,
  expiresAt,
  maxGuests,
  note,
  withUser,
  withGroup,
}: StoredShare): AuditDetails {
  const path = scope.kind === "workspace" ? (scope.opens ?? "") : scope.path;
  const expires = expiresAt === null ? "never" : new Date(expiresAt).toISOString();
  return {
    level,
    scope: scope.kind,
    root,
    path,
    expires,
    max_guests: maxGuests,
    note,
    user: withUser,
    group: withGroup,
  };
}
