import { type Params, type TalkMessage, type TalkPage, talkPageLength } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { type AuditLog, whoIs } from "../audit/audit-log.ts";
import type { ShareStorage } from "../records/storage.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareWriter } from "../records/writer.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoredMessage, StoredSession } from "../store/stored.ts";
import type { MessageRate } from "./message-rate.ts";
import { Repeated } from "./repeated.ts";

export interface TalkOptions {
  readonly table: Pick<ShareTable, "findLive" | "require" | "policy">;
  readonly storage: Pick<ShareStorage, "requireStore">;
  readonly writer: Pick<ShareWriter, "write">;
  readonly audit: Pick<AuditLog, "entry">;
  readonly events: Pick<ShareEvents, "emit">;
  /** Name of the owner. */
  readonly owner: string;
  /** Messages that are kept of one share; the oldest go first. */
  readonly max: number;
  readonly rate: MessageRate;
  readonly clock: () => number;
}

/** The conversations of shares. Rights are the callers' to ask: a guest's session asks `computeAccess` for each message. */
export class Talk {
  readonly #options: TalkOptions;
  readonly #repeated = new Repeated<TalkMessage>();
  /** Ids are times, and grow. */
  #lastId = 0;

  constructor(options: TalkOptions) {
    this.#options = options;
  }

  /** @throws GatewayError SHARE_UNKNOWN, TALK_OFF, SHARING_UNAVAILABLE */
  async sayAsOwner(share: string, text: string): Promise<TalkMessage> {
    const { owner } = this.#options;
    return this.#say(share, owner, { session: null, name: owner, hubUser: null, color: "" }, text);
  }

  /**
   * @param key a request that is repeated after a lost connection has the same one
   * @throws GatewayError SHARE_UNKNOWN, TALK_OFF, TALK_OFTEN, SHARING_UNAVAILABLE
   */
  say(session: StoredSession, { text, key }: Params<"say">): Promise<TalkMessage> {
    return this.#repeated.once(session.id, key, () => this.#sayOnce(session, text));
  }

  async #sayOnce(session: StoredSession, text: string): Promise<TalkMessage> {
    await this.#options.rate.spend(session);
    const { id, name, hubUser, color } = session;
    return this.#say(session.share, whoIs(session), { session: id, name, hubUser, color }, text);
  }

  /** @throws GatewayError SHARE_UNKNOWN, TALK_OFF, SHARING_UNAVAILABLE */
  async read(share: string, before?: number): Promise<TalkPage> {
    this.#requireOn(share);
    const store = await this.#options.storage.requireStore();
    const rows = await store.messages({ share, before, limit: talkPageLength + 1 });
    const messages = rows.slice(0, talkPageLength).map(messageView).reverse();
    return { messages, more: rows.length > talkPageLength };
  }

  async #say(
    share: string,
    who: string,
    author: Pick<StoredMessage, "session" | "name" | "hubUser" | "color">,
    text: string,
  ): Promise<TalkMessage> {
    this.#requireOn(share);
    const { writer, audit, events, clock, max } = this.#options;
    this.#lastId = Math.max(this.#lastId + 1, clock());
    const message: StoredMessage = { id: this.#lastId, share, at: clock(), ...author, text: text.trim() };
    await writer.write([{ type: "message", message, max }, audit.entry("say", share, who)]);
    const shown = messageView(message);
    // The share may have ended while the disk was writing.
    if (this.#options.table.findLive(share) !== undefined) events.emit("said", share, shown);
    return shown;
  }

  #requireOn(share: string): void {
    const { table } = this.#options;
    table.require(share);
    if (!table.policy.talk) throw new GatewayError("TALK_OFF");
  }
}

export function messageView({ id, at, session, name, hubUser, color, text }: StoredMessage): TalkMessage {
  return { id, at: new Date(at).toISOString(), session, name, hub_user: hubUser, color, text };
}
