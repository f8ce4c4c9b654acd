import type { Method, RequestMessage, SessionErrorCode } from "@waiide/protocol";
import { SessionError } from "./session-error.ts";

interface Pending {
  readonly message: RequestMessage;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: SessionError) => void;
  sent: boolean;
}

/** Not idempotent: after a lost connection nobody knows whether these were done. */
const unrepeatable: ReadonlySet<string> = new Set<Method>(["create", "rename", "delete"]);

/** Requests without an answer. */
export class Requests {
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  add(method: Method, params: unknown): { readonly id: number; readonly result: Promise<unknown> } {
    const id = this.#nextId++;
    const result = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { message: { type: "request", id, method, params }, resolve, reject, sent: false });
    });
    return { id, result };
  }

  /** Requests to send now, with at most `max` under way. */
  due(max: number): RequestMessage[] {
    const all = [...this.#pending.values()];
    const free = max - all.filter(({ sent }) => sent).length;
    const due = all.filter(({ sent }) => !sent).slice(0, Math.max(free, 0));
    for (const pending of due) pending.sent = true;
    return due.map(({ message }) => message);
  }

  resolve(id: number, result: unknown): void {
    this.#take(id)?.resolve(result);
  }

  reject(id: number, code: SessionErrorCode, message: string, version?: string): void {
    this.#take(id)?.reject(new SessionError(code, message, version));
  }

  /** Whether the request waits for an answer. */
  isSent(id: number): boolean {
    return this.#pending.get(id)?.sent ?? false;
  }

  /** Whether such a request waits. */
  isAsked(method: Method, path: string): boolean {
    return [...this.#pending.values()].some(({ message }) => {
      return message.method === method && (message.params as { path?: string }).path === path;
    });
  }

  /** The socket is gone: all requests go again on the next one, except those that must not be done twice. */
  lost(): void {
    for (const [id, pending] of [...this.#pending]) {
      if (pending.sent && unrepeatable.has(pending.message.method)) {
        this.reject(id, "FAILED", "The connection was lost. Check whether the change was made.");
      }
      pending.sent = false;
    }
  }

  end(): void {
    for (const id of [...this.#pending.keys()]) this.reject(id, "FAILED", "The share has ended.");
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}
