import type { Companions } from "../hub-link/companions.ts";
import type { StoreChange, StoredCompanion, StoredLink, StoredShare } from "../store/stored.ts";
import { isNamed } from "./recipient.ts";
import { hashOf, newId, newSecret } from "./secrets.ts";
import type { ShareTable } from "./table.ts";
import type { ShareWriter } from "./writer.ts";

/** A link that is not stored yet. */
export interface MadeLink {
  readonly link: StoredLink;
  readonly secret: string;
  /** Its token at the hub, if it has one. */
  readonly companion: StoredCompanion | undefined;
}

export interface LinksOptions {
  readonly table: ShareTable;
  readonly writer: ShareWriter;
  readonly companions: Companions | undefined;
}

/** Makes links: first at the hub, then on the disk, then in memory, so that no link exists by half. */
export class Links {
  readonly #options: LinksOptions;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** @throws GatewayError HUB_LISTING */
  async make(share: StoredShare, now: number): Promise<MadeLink> {
    const secret = newSecret();
    const link = { id: newId(), share: share.id, secretHash: hashOf(secret), createdAt: now, endedAt: null };
    return { link, secret, companion: await this.#companion(share, link, secret) };
  }

  /** Stores it between other changes, all or nothing. @throws GatewayError SHARING_UNAVAILABLE */
  async write(made: MadeLink, before: readonly StoreChange[], after: readonly StoreChange[]): Promise<void> {
    const { link, companion } = made;
    const own: StoreChange[] = companion === undefined ? [] : [{ type: "companion", companion }];
    try {
      await this.#options.writer.write([...before, { type: "link", link }, ...own, ...after]);
    } catch (error) {
      if (companion !== undefined) this.#options.companions?.drop(companion);
      throw error;
    }
  }

  /** Named people have no link: nobody learns its secret, under which a token could be kept. */
  async #companion(share: StoredShare, { id }: StoredLink, secret: string): Promise<StoredCompanion | undefined> {
    return isNamed(share) ? undefined : this.#options.companions?.make(share, id, secret);
  }

  put({ link, companion }: MadeLink): void {
    this.#options.table.putLink(link);
    if (companion !== undefined) this.#options.companions?.put(companion);
  }
}
