import {
  type Actor,
  commentMethods,
  type Params,
  RequestMessageSchema,
  type Result,
  type WindowServerMessage,
} from "@waiide/protocol";
import Value from "typebox/value";
import type { Logger } from "../../base/log.ts";
import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";
import type { Comments } from "../comments/comments.ts";
import { type CommentMethod, SessionComments } from "../comments/session-comments.ts";
import { talkAnswers } from "../guests/session-answers.ts";
import { failureOf, problemOf } from "../guests/session-messages.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoredSession } from "../store/stored.ts";
import type { MessageRate } from "../talk/message-rate.ts";
import type { Talk } from "../talk/talk.ts";

/** The conversations of shares, and what belongs to them. */
export interface Conversations {
  readonly talk: Talk;
  readonly comments: Comments;
  readonly rate: MessageRate;
  readonly events: ShareEvents;
}

export interface WindowRequestsParts extends Conversations {
  readonly session: StoredSession;
  readonly files: GuestWorkspace;
  readonly actor: () => Actor;
  readonly send: (message: WindowServerMessage) => void;
  readonly logger: Logger;
}

type WindowMethod = CommentMethod | "say" | "talk";
type Answers = { readonly [M in WindowMethod]: (params: Params<M>) => Promise<Result<M>> };

/** Requests of a window that may be under way at once. */
const maxUnderWay = 8;

/** The requests of a Terminal Access guest's window about the conversation of its share: answered as those of a page. */
export class WindowRequests {
  readonly #parts: WindowRequestsParts;
  readonly #comments: SessionComments;
  readonly #answers: Answers;
  #underWay = 0;
  #isClosed = false;

  constructor(parts: WindowRequestsParts) {
    this.#parts = parts;
    const send = (message: WindowServerMessage) => this.#send(message);
    this.#comments = new SessionComments({ ...parts, send: (message) => send(message as WindowServerMessage) });
    this.#answers = { ...this.#comments.answers, ...talkAnswers(parts.talk, { ...parts, isHidden: () => true }) };
  }

  /** @returns false if it is no request */
  take(message: unknown): boolean {
    if (!Value.Check(RequestMessageSchema, message)) return false;
    const { id, method, params } = message;
    const problem = isOurs(method) ? problemOf(method, params) : "there is no such request for windows";
    if (!isOurs(method) || problem !== undefined) this.#fail(id, "INVALID", problem ?? "");
    else if (this.#underWay >= maxUnderWay) this.#fail(id, "BUSY", "too many requests at once");
    else void this.#answer(id, method, params);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#comments.close();
  }

  async #answer(id: number, method: WindowMethod, params: unknown): Promise<void> {
    this.#underWay += 1;
    try {
      const result = await this.#answers[method](params as never);
      this.#send({ type: "response", id, result });
    } catch (error) {
      this.#send({ type: "error", id, error: failureOf(error, this.#parts.logger) });
    } finally {
      this.#underWay -= 1;
    }
  }

  #fail(id: number, code: "INVALID" | "BUSY", message: string): void {
    this.#send({ type: "error", id, error: { code, message } });
  }

  #send(message: WindowServerMessage): void {
    if (!this.#isClosed) this.#parts.send(message);
  }
}

function isOurs(method: string): method is WindowMethod {
  return method === "say" || method === "talk" || Object.hasOwn(commentMethods, method);
}
