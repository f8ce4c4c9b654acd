import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import { Timer } from "../../base/timer.ts";
import { type CompanionTokens, isSame, type ListedToken } from "../../hub/companion-tokens.ts";
import { seal, unseal } from "../records/sealing.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareWriter } from "../records/writer.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoredCompanion, StoredLink, StoredShare } from "../store/stored.ts";

/** A share that ends at the hub ends here within 30 s (DESIGN §3.3), the hub's time to answer included. Milliseconds. */
const checkInterval = 20_000;

export interface CompanionsOptions {
  readonly tokens: CompanionTokens;
  readonly table: ShareTable;
  readonly writer: Pick<ShareWriter, "keepLater">;
  readonly events: ShareEvents;
  readonly logger: Logger;
  readonly clock?: () => number;
  /** Milliseconds between questions to the hub. */
  readonly interval?: number;
}

/**
 * Keeps a token at the hub for each link (DESIGN §3.3): made before the link, shown at each entry, renewed when its share
 * changes, deleted with it. Deleting the token at the hub ends the share. A hub that does not answer ends nothing; pending
 * work is done when it answers again.
 */
export class Companions {
  readonly #options: CompanionsOptions;
  readonly #clock: () => number;
  readonly #timer = new Timer();
  readonly #all = new Map<string, StoredCompanion>();
  /** To be deleted at the hub, by the token's id. */
  readonly #ended = new Map<string, StoredCompanion>();
  /** Those of them whose link was never stored. */
  readonly #unstored = new Set<string>();
  /** Each change is the base of the next one. */
  readonly #work = new SerialQueue();
  #closed = false;

  constructor(options: CompanionsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    options.events.on("loaded", ({ companions }) => this.#load(companions));
    options.events.on("change", () => this.#follow());
  }

  /**
   * Makes a link's token, where the hub grants it.
   * @param secret of the link; without it the token itself is not kept
   * @returns what to store with the link; undefined: there is no token
   * @throws GatewayError HUB_LISTING
   */
  async make(share: StoredShare, link: string, secret?: string): Promise<StoredCompanion | undefined> {
    if ((await this.#options.tokens.unavailable()) !== undefined) return undefined;
    const end = this.#table.endOf(share);
    const life = end === null ? null : (end - this.#clock()) / 1_000;
    const { id, token, ...listed } = await this.#options.tokens.mint(share.level, life, share.note);
    const sealed = secret === undefined ? null : seal(token, secret, link);
    return {
      ...listed,
      id: link,
      share: share.id,
      tokenId: id,
      purpose: this.#purposeOf(share),
      sealed,
      endedAt: null,
    };
  }

  /** For a token that is stored: from now on it ends with the share. */
  put(companion: StoredCompanion): void {
    this.#all.set(companion.id, companion);
    this.#arm();
  }

  /** Deletes a token that could not be stored. */
  drop(companion: StoredCompanion): void {
    this.#ended.set(companion.tokenId, companion);
    this.#unstored.add(companion.tokenId);
    this.#soon();
  }

  /**
   * Shows the hub that a guest enters by a link.
   * @returns false if the hub does not know its token and gives no reason: then nobody may enter
   */
  async enter(share: StoredShare, link: string, secret: string): Promise<boolean> {
    const companion = this.#all.get(link);
    if (companion === undefined) return true;
    const { tokens, logger } = this.#options;
    const token = tokenIn(companion, secret) ?? (await this.#work.run(() => this.#tokenFor(share, link, secret)));
    const isKnown = token === undefined ? undefined : await tokens.show(token);
    if (isKnown === undefined) logger.warn({ share: share.id }, "the hub could not be notified of a guest who joined");
    if (isKnown !== false || this.#hasExpired(companion, this.#clock())) return true;
    // A renewal may have replaced it meanwhile; else the hub has ended the share.
    return (await this.#work.run(() => this.#check())) || this.#all.get(link)?.tokenId !== companion.tokenId;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer.stop();
    await this.#work.settled();
  }

  get #table(): ShareTable {
    return this.#options.table;
  }

  /** Takes over what earlier gateways left, and deletes the tokens of ended shares. */
  #load(stored: readonly StoredCompanion[]): void {
    this.#all.clear();
    this.#ended.clear();
    for (const companion of stored) {
      if (this.#linkOf(companion) === undefined) this.#ended.set(companion.tokenId, companion);
      else this.#all.set(companion.id, companion);
    }
    this.#soon();
  }

  /** Shares have changed: updates the hub's list, in the background. */
  #follow(): void {
    const isBehind = [...this.#all.values()].some((one) => this.#linkOf(one) === undefined || this.#isStale(one));
    if (isBehind) this.#soon();
  }

  #arm(): void {
    const isIdle = this.#closed || this.#all.size + this.#ended.size === 0;
    if (isIdle) this.#timer.stop();
    else this.#timer.set(this.#options.interval ?? checkInterval, () => this.#soon());
  }

  #soon(): void {
    if (this.#closed) return;
    this.#work
      .run(() => this.#round())
      .catch((error: unknown) => {
        this.#options.logger.warn({ reason: reasonOf(error) }, "the hub's list of shares could not be compared");
      });
  }

  async #round(): Promise<void> {
    try {
      for (const companion of this.#all.values()) {
        const share = this.#table.find(companion.share);
        if (share === undefined || this.#linkOf(companion) === undefined) this.#end(companion);
        else if (this.#isStale(companion)) await this.#renew(companion, share);
      }
      for (const companion of this.#ended.values()) await this.#delete(companion);
      if (this.#all.size > 0) await this.#check();
    } finally {
      this.#arm();
    }
  }

  /** Asks the hub once for all tokens. @returns whether it answered */
  async #check(): Promise<boolean> {
    const before = [...this.#all.values()];
    const list = await this.#options.tokens.list();
    if (list === undefined) return false;
    for (const companion of before) {
      if (this.#all.get(companion.id) !== companion || this.#hasExpired(companion, list.at)) continue;
      if (list.tokens.some((token) => isSame(token, listed(companion)))) continue;
      this.#options.logger.info({ share: companion.share }, "a share's token was deleted at the hub: the share ends");
      this.#all.delete(companion.id);
      this.#markDeleted(companion);
      this.#options.events.emit("tokenGone", companion.share);
    }
    return true;
  }

  /** @returns the new token, if its link's secret is known; undefined: the old one stays */
  async #renew(old: StoredCompanion, share: StoredShare, secret?: string): Promise<string | undefined> {
    if (this.#all.get(old.id) !== old) return undefined;
    const renewed = await this.make(share, old.id, secret).catch((error: unknown) => {
      this.#options.logger.warn({ share: share.id, reason: reasonOf(error) }, "a share's token could not be renewed");
    });
    if (renewed === undefined) return undefined;
    this.#all.set(old.id, renewed);
    this.#options.writer.keepLater([{ type: "companion", companion: renewed }]);
    this.#ended.set(old.tokenId, old);
    await this.#delete(old);
    return secret === undefined ? undefined : tokenIn(renewed, secret);
  }

  /** A guest who enters after the share changed brings the secret under which the new token can be kept. */
  async #tokenFor(share: StoredShare, link: string, secret: string): Promise<string | undefined> {
    const companion = this.#all.get(link);
    return companion && (tokenIn(companion, secret) ?? (await this.#renew(companion, share, secret)));
  }

  #end(companion: StoredCompanion): void {
    this.#all.delete(companion.id);
    this.#ended.set(companion.tokenId, companion);
  }

  async #delete(companion: StoredCompanion): Promise<void> {
    if (!(await this.#options.tokens.delete(listed(companion)))) return;
    this.#ended.delete(companion.tokenId);
    // The link may have another one by now, or may never have been stored.
    if (!this.#unstored.delete(companion.tokenId) && !this.#all.has(companion.id)) this.#markDeleted(companion);
  }

  #markDeleted(companion: StoredCompanion): void {
    this.#options.writer.keepLater([{ type: "companion", companion: { ...companion, endedAt: this.#clock() } }]);
  }

  /** Its link, while link and share are live. */
  #linkOf({ id, share }: StoredCompanion): StoredLink | undefined {
    return this.#table.linksOf(share).find((link) => link.id === id);
  }

  #isStale({ share: id, purpose }: StoredCompanion): boolean {
    const share = this.#table.find(id);
    return share !== undefined && this.#purposeOf(share) !== purpose;
  }

  #purposeOf(share: StoredShare): string {
    return `${share.level} until ${this.#table.endOf(share) ?? "it is ended"}: ${share.note}`;
  }

  /** At its time, at the hub: nobody has deleted it. */
  #hasExpired({ expiresAt }: StoredCompanion, now: number): boolean {
    return expiresAt !== null && expiresAt <= now;
  }
}

function tokenIn({ sealed, id }: StoredCompanion, secret: string): string | undefined {
  return sealed === null ? undefined : unseal(sealed, secret, id);
}

function listed({ tokenId, note, created }: StoredCompanion): ListedToken {
  return { id: tokenId, note, created };
}
