import { ownerSession, type ServerMessage, type Shared } from "@waiide/protocol";
import { OwnerInShare } from "../live/owner-in-share.ts";
import type { OwnerPresence } from "../live/owner-presence.ts";
import type { ShareTable } from "../records/table.ts";
import { sharedView } from "../records/view.ts";
import type { GuestWriter, ShareEvents } from "../share-events.ts";
import { type Member, SharePresence } from "./presence.ts";
import { invitationInterval } from "./session-messages.ts";

export interface PresencesOptions {
  readonly table: ShareTable;
  readonly events: ShareEvents;
  /** Name of the owner, for guests. */
  readonly owner: string;
  readonly ownerPresence: OwnerPresence;
}

/** The people of one share. */
interface Company {
  readonly presence: SharePresence;
  readonly owner: OwnerInShare;
  /** When the owner asked them to follow. */
  invitedAt: number;
}

/** The open pages of every share, which learn what happens to it. */
export class Presences {
  readonly #options: PresencesOptions;
  readonly #companies = new Map<string, Company>();
  /** The share as its guests were last sent it. */
  readonly #told = new Map<string, string>();

  constructor(options: PresencesOptions) {
    this.#options = options;
    options.events.on("change", () => this.#tellShares());
    options.events.on("said", (share, message) => this.send(share, { type: "said", message }));
    options.events.on("overlap", (writer, path, version) => this.#tellOverlap(writer, path, version));
    options.ownerPresence.audience = {
      ownerMoved: () => {
        for (const { owner } of this.#companies.values()) owner.update();
      },
      ownerInvites: (share) => this.#inviteToOwner(share),
    };
  }

  of(share: string): SharePresence {
    const known = this.#companies.get(share);
    if (known !== undefined) return known.presence;
    const { ownerPresence, owner: name, table } = this.#options;
    const presence: SharePresence = new SharePresence({
      onTold: () => this.#peopleMoved(share),
      onInvite: (person) => ownerPresence.invited(share, person),
    });
    const owner = new OwnerInShare({ share, name, presence, ownerPresence, find: () => table.findLive(share) });
    this.#companies.set(share, { presence, owner, invitedAt: Number.NEGATIVE_INFINITY });
    return presence;
  }

  /** To all open pages of a share. */
  send(share: string, message: ServerMessage): void {
    this.#companies.get(share)?.presence.send(message);
  }

  close(): void {
    for (const { presence, owner } of this.#companies.values()) {
      owner.close();
      presence.close();
    }
    this.#companies.clear();
  }

  /** Somebody came, left or moved: the owner's windows hear of it, and who follows the owner may have changed. */
  #peopleMoved(share: string): void {
    this.#companies.get(share)?.owner.update();
    const people = [...this.#companies.values()].flatMap(({ owner }) => owner.guests);
    this.#options.ownerPresence.tell(people);
  }

  #inviteToOwner(share: string): void {
    const company = this.#companies.get(share);
    const now = performance.now();
    if (company === undefined || now - company.invitedAt < invitationInterval) return;
    company.invitedAt = now;
    company.presence.send({ type: "invited", session: ownerSession, name: this.#options.owner });
  }

  #tellOverlap({ share, session }: GuestWriter, path: string, version: string | null): void {
    const { table, owner } = this.#options;
    const isSelection = table.find(share)?.scope.kind === "selection";
    this.#companies
      .get(share)
      ?.presence.tell(session, { type: "overlap", path, owner, version: isSelection ? null : version });
  }

  /** Pages count down the time left themselves. */
  #tellShares(): void {
    const { table, owner } = this.#options;
    for (const [id, { presence, owner: ownerInShare }] of this.#companies) {
      const live = table.findLive(id);
      const told = live && JSON.stringify({ ...sharedView(live, table, owner), time_left: null });
      if (told !== undefined && !presence.isEmpty && this.#told.get(id) !== told) {
        this.#told.set(id, told);
        for (const member of presence.members) this.#tellShare(member);
      }
      if (live === undefined && presence.isEmpty) {
        ownerInShare.close();
        this.#companies.delete(id);
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
