import { setTimeout as delay } from "node:timers/promises";
import type { TerminalOutput } from "@waiide/protocol";

/** Characters of one request. The gateway takes twice as many. */
const maxData = 50_000;
/** Requests that may wait; a terminal that writes faster loses what is between, as on a screen that scrolls. */
const maxWaiting = 4;
/** Between two requests. Milliseconds. */
const pause = 25;

/** Sends what a terminal writes, in order and one request at a time; what comes meanwhile is gathered. */
export class OutputQueue {
  readonly #send: (output: TerminalOutput) => Promise<void>;
  readonly #onFailure: (error: unknown) => void;
  #waiting: TerminalOutput[] = [];
  #isSending = false;
  #closed = false;

  /** @param onFailure called once: nothing more is sent then */
  constructor(send: (output: TerminalOutput) => Promise<void>, onFailure: (error: unknown) => void) {
    this.#send = send;
    this.#onFailure = onFailure;
  }

  write(data: string): void {
    const last = this.#waiting.at(-1);
    const joined = (last?.data ?? "") + data;
    if (last?.data !== undefined && joined.length <= maxData) {
      this.#waiting[this.#waiting.length - 1] = { ...last, data: joined };
    } else if (data.length > maxData || this.#waiting.length >= maxWaiting) this.#skipTo(data);
    else this.#waiting.push({ data });
    void this.#sendAll();
  }

  resize({ columns, rows }: { readonly columns: number; readonly rows: number }): void {
    this.#waiting.push({ columns, rows });
    void this.#sendAll();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #skipTo(data: string): void {
    const size = this.#waiting.findLast(({ columns }) => columns !== undefined);
    this.#waiting = [{ ...size, skipped: true, data: data.slice(-maxData) }];
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        await this.#send(next);
        await delay(pause);
      }
    } catch (error) {
      if (!this.#closed) this.#onFailure(error);
      this.close();
    } finally {
      this.#isSending = false;
    }
  }
}
