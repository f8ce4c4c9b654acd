import type { ServerMessage, Shared } from "@waiide/protocol";
import type { ShareTable } from "../records/table.ts";
import { sharedView } from "../records/view.ts";
import type { GuestWriter, ShareEvents } from "../share-events.ts";
import { type Member, SharePresence } from "./presence.ts";

export interface PresencesOptions {
  readonly table: ShareTable;
  readonly events: ShareEvents;
  /** Name of the owner, for guests. */
  readonly owner: string;
}

/** The open pages of every share, which learn what happens to it. */
export class Presences {
  readonly #options: PresencesOptions;
  readonly #presences = new Map<string, SharePresence>();
  /** The share as its guests were last sent it. */
  readonly #told = new Map<string, string>();

  constructor(options: PresencesOptions) {
    this.#options = options;
    options.events.on("change", () => this.#tellShares());
    options.events.on("said", (share, message) => this.#presences.get(share)?.send({ type: "said", message }));
    options.events.on("overlap", (writer, path, version) => this.#tellOverlap(writer, path, version));
  }

  of(share: string): SharePresence {
    const known = this.#presences.get(share);
    if (known !== undefined) return known;
    const presence = new SharePresence();
    this.#presences.set(share, presence);
    return presence;
  }

  /** To all open pages of a share. */
  send(share: string, message: ServerMessage): void {
    this.#presences.get(share)?.send(message);
  }

  close(): void {
    for (const presence of this.#presences.values()) presence.close();
    this.#presences.clear();
  }

  #tellOverlap({ share, session }: GuestWriter, path: string, version: string | null): void {
    const { table, owner } = this.#options;
    const isSelection = table.find(share)?.scope.kind === "selection";
    this.#presences.get(share)?.tell(session, { type: "overlap", path, owner, version: isSelection ? null : version });
  }

  /** Pages count down the time left themselves. */
  #tellShares(): void {
    const { table, owner } = this.#options;
    for (const [id, presence] of this.#presences) {
      const live = table.findLive(id);
      const told = live && JSON.stringify({ ...sharedView(live, table, owner), time_left: null });
      if (told !== undefined && !presence.isEmpty && this.#told.get(id) !== told) {
        this.#told.set(id, told);
        for (const member of presence.members) this.#tellShare(member);
      }
      if (live === undefined && presence.isEmpty) {
        this.#presences.delete(id);
        this.#told.delete(id);
      }
    }
  }

  /** Each guest has the share at a level of their own. */
  #tellShare(member: Member): void {
    const share = this.#sharedWith(member.person.session);
    if (share !== undefined) member.send({ type: "share", share });
  }

  #sharedWith(id: string): Shared | undefined {
    const { table, owner } = this.#options;
    const session = table.session(id);
    const share = session && table.shareFor(session);
    return share && sharedView(share, table, owner);
  }
}
