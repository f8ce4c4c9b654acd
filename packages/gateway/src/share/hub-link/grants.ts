import type { Recipient } from "@waiide/protocol";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import { Timer } from "../../base/timer.ts";
import type { HubShares } from "../../hub/hub-shares.ts";
import { recipientOf, storedRecipient } from "../records/recipient.ts";
import { invalid } from "../records/request.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareWriter } from "../records/writer.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoreChange, StoredGrant } from "../store/stored.ts";

/** Between attempts to take a grant back at the hub; also tried when the owner logs in. Milliseconds. */
const retryInterval = 60_000;

export interface GrantsOptions {
  readonly hub: Pick<HubShares, "grant" | "end">;
  readonly logger: Logger;
  /** Whether a live share names them. */
  readonly isNeeded: (grant: StoredGrant) => boolean;
  /** Resolves once it is stored. */
  readonly write: (changes: readonly StoreChange[]) => Promise<void>;
  readonly clock?: () => number;
}

/** Whether the hub now lets the recipient log in here, and why not. */
export interface HubAccess {
  readonly granted: boolean;
  readonly reason?: string;
}

/**
 * The hub's own shares that this gateway made for named people; those made at the hub stay. Each is taken back when no share
 * needs it, at once or at the owner's next login; until then the record refuses these people already.
 */
export class Grants {
  readonly #options: GrantsOptions;
  readonly #timer = new Timer();
  readonly #all = new Map<string, StoredGrant>();
  /** How many shares are being made for each. */
  readonly #held = new Map<string, number>();
  /** Each change is the base of the next one. */
  readonly #work = new SerialQueue();
  #closed = false;

  constructor(options: GrantsOptions) {
    this.#options = options;
  }

  load(stored: readonly StoredGrant[]): void {
    this.#all.clear();
    for (const grant of stored) this.#all.set(grant.id, grant);
    this.follow();
  }

  /**
   * Lets the recipient log in here while a share needs it, and while `use` runs.
   * @throws GatewayError SHARE_INVALID for someone the hub does not know, HUB_LISTING; what `use` throws
   */
  async withAccess<Result>(recipient: Recipient, use: (access: HubAccess) => Promise<Result>): Promise<Result> {
    const id = idOf(recipient);
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    try {
      return await use(await this.#work.run(() => this.#grant(id, recipient)));
    } finally {
      const left = (this.#held.get(id) ?? 1) - 1;
      if (left > 0) this.#held.set(id, left);
      else this.#held.delete(id);
      this.follow();
    }
  }

  /** Shares have changed: takes back grants that none of them needs, in the background. */
  follow(): void {
    if (this.#closed || this.#unneeded().length === 0) return;
    this.#work
      .run(() => this.#takeBack())
      .catch((error: unknown) => {
        this.#options.logger.warn({ reason: reasonOf(error) }, "shares at the hub could not be taken back yet");
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer.stop();
    await this.#work.settled();
  }

  async #grant(id: string, recipient: Recipient): Promise<HubAccess> {
    const outcome = await this.#options.hub.grant(recipient);
    if (outcome.kind === "unknown") throw invalid("with", `JupyterHub knows no ${id.replace(":", " “")}”`);
    if (outcome.kind === "refused") return { granted: false, reason: outcome.reason };
    if (outcome.kind === "granted") {
      const grant: StoredGrant = { id, ...storedRecipient(recipient), endedAt: null };
      this.#all.set(id, grant);
      await this.#options.write([{ type: "grant", grant }]);
    }
    return { granted: true };
  }

  #unneeded(): StoredGrant[] {
    return [...this.#all.values()].filter((grant) => !this.#held.has(grant.id) && !this.#options.isNeeded(grant));
  }

  async #takeBack(): Promise<void> {
    const { hub, write, clock = Date.now } = this.#options;
    for (const grant of this.#unneeded()) {
      const recipient = recipientOf(grant);
      if (recipient === null || !(await hub.end(recipient))) continue;
      this.#all.delete(grant.id);
      await write([{ type: "grant", grant: { ...grant, endedAt: clock() } }]);
    }
    if (!this.#closed && this.#unneeded().length > 0) this.#timer.set(retryInterval, () => this.follow());
  }
}

type HubOfGrants = GrantsOptions["hub"] & { on(event: "login", listener: () => void): unknown };

export interface SharesOfGrants {
  readonly table: ShareTable;
  readonly writer: ShareWriter;
  readonly events: ShareEvents;
}

/** The grants that live shares need. */
export function grantsOf({ table, writer, events }: SharesOfGrants, hub: HubOfGrants, logger: Logger): Grants {
  const grants = new Grants({
    hub,
    logger,
    isNeeded: ({ withUser, withGroup }) =>
      table.live().some((share) => share.withUser === withUser && share.withGroup === withGroup),
    write: (changes) => writer.write(changes),
  });
  events.on("loaded", (stored) => grants.load(stored.grants));
  events.on("change", () => grants.follow());
  hub.on("login", () => grants.follow());
  return grants;
}

function idOf(recipient: Recipient): string {
  return "user" in recipient ? `user:${recipient.user}` : `group:${recipient.group}`;
}
