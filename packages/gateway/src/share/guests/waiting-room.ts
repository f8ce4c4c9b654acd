import type { JoinRequest } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { Timer } from "../../base/timer.ts";
import { type AuditLog, whoIs } from "../audit/audit-log.ts";
import { newId, newSecret } from "../records/secrets.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareEvents } from "../share-events.ts";
import { AskingLimits } from "./asking-limits.ts";

/** Somebody who followed a link and asks to be let in. */
export interface Asker {
  readonly share: string;
  readonly link: string;
  readonly name: string;
  readonly hubUser: string | null;
  /** Their network, for limits. */
  readonly network: string;
}

/** What became of a request. `waiting`: nothing yet; `gone`: the share or the link has ended, or there is no such request. */
export type Approval = "waiting" | "accepted" | "declined" | "unanswered" | "gone";

interface Waiting extends Asker {
  readonly id: string;
  readonly askedAt: number;
  /** The guest's page, while it waits for the answer. */
  readonly listeners: Set<() => void>;
  /** Until the guest counts as gone, or nobody has answered. */
  readonly left: Timer;
  readonly unanswered: Timer;
  approval: Approval;
}

export interface WaitingRoomOptions {
  readonly table: Pick<ShareTable, "findLive" | "hasLink">;
  readonly events: ShareEvents;
  readonly audit: Pick<AuditLog, "note">;
  /** Name of the owner, for the audit and for guests. */
  readonly owner: string;
  /** People who wait at once, of one share. */
  readonly max: number;
  /** After which a request ends without an answer. Milliseconds. */
  readonly timeout: number;
  readonly clock: () => number;
}

/** One question of a guest's page lasts this long, so that no proxy takes it for dead. Milliseconds. */
const pollTime = 20_000;
/** A page that does not ask again within this time was closed. Milliseconds. */
const grace = 10_000;

/**
 * The people who wait until the owner lets them in. They have no session and no cookie: nothing of the share is open to them
 * (RULES R15). All of it is in memory: after a restart their pages ask anew.
 */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #limits = new AskingLimits();
  /** By the secret that the guest's page has. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
    options.events.on("change", () => this.#endUseless());
  }

  /** Who waits for an answer, the first to ask first. */
  requestsOf(share: string): JoinRequest[] {
    return this.#of(share).map(({ id, name, hubUser, askedAt }) => ({
      request: id,
      name,
      asked_at: new Date(askedAt).toISOString(),
      hub_user: hubUser,
    }));
  }

  /** @returns the secret of a new request. @throws GatewayError SHARE_ASKED_OFTEN, SHARE_MANY_WAITING */
  async ask(asker: Asker): Promise<string> {
    const seconds = await this.#limits.count(limitKey(asker));
    if (seconds !== undefined) throw new GatewayError("SHARE_ASKED_OFTEN", { seconds });
    this.#requirePlace(asker);
    const { clock, timeout, audit, events } = this.#options;
    const secret = newSecret();
    const waiting: Waiting = {
      ...asker,
      id: newId(),
      askedAt: clock(),
      listeners: new Set(),
      left: new Timer(),
      unanswered: new Timer(),
      approval: "waiting",
    };
    this.#waiting.set(secret, waiting);
    waiting.unanswered.set(timeout, () => this.#decide(waiting, "unanswered"));
    waiting.left.set(grace, () => this.#remove(secret));
    audit.note("request", asker.share, whoIs(waiting));
    events.emit("change");
    return secret;
  }

  /** Resolves with the owner's answer, or after a while with `waiting`. An answer is given out once. */
  async answer(share: string, secret: string, gone: AbortSignal): Promise<Approval> {
    const waiting = this.#waiting.get(secret);
    if (waiting?.share !== share) return "gone";
    if (waiting.approval === "waiting") await listened(waiting, gone);
    if (waiting.approval !== "waiting") this.#remove(secret);
    else if (waiting.listeners.size === 0) waiting.left.set(grace, () => this.#remove(secret));
    return waiting.approval;
  }

  /** @throws GatewayError SHARE_REQUEST_UNKNOWN */
  accept(request: string): void {
    this.#answerFor(request, "accepted");
  }

  /** @throws GatewayError SHARE_REQUEST_UNKNOWN */
  async decline(request: string): Promise<void> {
    await this.#limits.declined(limitKey(this.#answerFor(request, "declined")));
  }

  close(): void {
    for (const [secret, waiting] of this.#waiting) {
      this.#remove(secret);
      wake(waiting);
    }
  }

  #answerFor(request: string, approval: "accepted" | "declined"): Waiting {
    const { audit, owner } = this.#options;
    const waiting = [...this.#waiting.values()].find(({ id }) => id === request);
    if (waiting?.approval !== "waiting") throw new GatewayError("SHARE_REQUEST_UNKNOWN");
    audit.note(approval === "accepted" ? "accept" : "decline", waiting.share, owner, { guest: whoIs(waiting) });
    this.#decide(waiting, approval);
    return waiting;
  }

  #decide(waiting: Waiting, approval: Approval): void {
    if (waiting.approval !== "waiting") return;
    waiting.approval = approval;
    wake(waiting);
    this.#options.events.emit("change");
  }

  /** Half of the places are for others than those of one address. */
  #requirePlace(asker: Asker): void {
    const { max } = this.#options;
    const all = this.#of(asker.share);
    const own = all.filter((one) => limitKey(one) === limitKey(asker));
    if (all.length >= max || own.length >= Math.ceil(max / 2))
      throw new GatewayError("SHARE_MANY_WAITING", { most: max });
  }

  /** Their share or link has ended. */
  #endUseless(): void {
    const { table } = this.#options;
    for (const waiting of this.#waiting.values()) {
      if (waiting.approval !== "waiting") continue;
      if (table.findLive(waiting.share) === undefined || !table.hasLink(waiting.link)) this.#decide(waiting, "gone");
    }
  }

  #of(share: string): Waiting[] {
    return [...this.#waiting.values()].filter((one) => one.share === share && one.approval === "waiting");
  }

  #remove(secret: string): void {
    const waiting = this.#waiting.get(secret);
    if (waiting === undefined) return;
    this.#waiting.delete(secret);
    waiting.left.stop();
    waiting.unanswered.stop();
    if (waiting.approval === "waiting") this.#options.events.emit("change");
  }
}

/** Accounts are known for sure; others are told apart by their address alone. */
function limitKey({ hubUser, network }: Asker): string {
  return hubUser === null ? `address ${network}` : `user ${hubUser}`;
}

function wake({ listeners }: Waiting): void {
  for (const listener of listeners) listener();
}

/** Resolves when the owner has answered, the guest's page has gone, or time is up. */
async function listened(waiting: Waiting, gone: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = new Timer();
  const listener = () => resolve();
  waiting.left.stop();
  waiting.listeners.add(listener);
  timer.set(pollTime, listener);
  gone.addEventListener("abort", listener, { once: true });
  if (gone.aborted) listener();
  await promise;
  timer.stop();
  gone.removeEventListener("abort", listener);
  waiting.listeners.delete(listener);
}
