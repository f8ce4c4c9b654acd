import { randomBytes } from "node:crypto";
import { BoundedTable } from "../base/bounded-table.ts";

/** What an action led to, for the page that follows it. */
export interface Notice {
  readonly isGood: boolean;
  readonly lines: readonly string[];
}

/** Pages that nobody came back for. */
const max = 200;

/** Keeps what is to be said after a redirect. An address names it, so that no text in an address is ever shown. */
export class Notices {
  readonly #kept = new BoundedTable<string, { readonly notice: Notice; readonly administrator: string }>(max);

  /** @returns what names it */
  keep(notice: Notice, administrator: string): string {
    const id = randomBytes(9).toString("base64url");
    this.#kept.set(id, { notice, administrator });
    return id;
  }

  /** To whom it was meant for, and once: a page that is loaded again says nothing old. */
  take(id: string | null, administrator: string): Notice | undefined {
    const found = id === null ? undefined : this.#kept.get(id);
    if (id === null || found?.administrator !== administrator) return undefined;
    this.#kept.delete(id);
    return found.notice;
  }
}
