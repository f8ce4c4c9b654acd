import { type AuditEvent, detailsOf, shareFields } from "@waiide/protocol";
import type { AuditDetails, StoreChange, StoredSession, StoredShare } from "../store/stored.ts";

/** Between entries about the refusals of one share, each with their number. Milliseconds. */
const refusalInterval = 60_000;

/** Makes audit entries. Refusals are counted and written together, so that guessing cannot fill the disk. */
export class AuditLog {
  readonly #write: (changes: readonly StoreChange[]) => void;
  readonly #clock: () => number;
  readonly #refusals = new Map<string, { count: number; reasons: Set<string> }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param write stores entries in the background */
  constructor(write: (changes: readonly StoreChange[]) => void, clock: () => number = Date.now) {
    this.#write = write;
    this.#clock = clock;
  }

  /** An entry, to be committed together with what it describes. */
  entry(event: AuditEvent, share: string, who: string, details: AuditDetails = {}): StoreChange {
    return { type: "audit", entry: { at: this.#clock(), event, share, who, details } };
  }

  note(event: AuditEvent, share: string, who: string, details: AuditDetails = {}): void {
    this.#write([this.entry(event, share, who, details)]);
  }

  /** @param share must exist: else strangers could choose what is kept */
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

/** A guest in the audit: the name they chose or have at the hub, with their session. */
export function whoIs({ name, id, hubUser }: Pick<StoredSession, "name" | "id" | "hubUser">): string {
  return hubUser === null ? `${name} (${id})` : `${hubUser} of the hub (${id})`;
}

/** A share in the audit. */
export function describe(share: StoredShare): AuditDetails {
  return detailsOf(shareFields, share);
}
