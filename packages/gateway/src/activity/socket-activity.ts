import { createInflateRaw, type InflateRaw } from "node:zlib";
import type { FrameHead, FrameListener } from "../proxy/frame-observer.ts";
import { WireMessages } from "./wire-messages.ts";

/** Longer messages count as a person's without a check: no page sends that much by itself. Bytes. */
const maxCheckedLength = 8 * 1024;
/** If more waits for the inflater the check is given up, so that uploads do not fill the memory. Bytes. */
const maxQueueLength = 16 * 1024 * 1024;
/** An acknowledgement or keepalive has 13 bytes, deflated never more than so many. */
const smallFrame = 24;
/** The end of each deflated message, which is not sent (RFC 7692 §7.2.2). */
const deflateTail = Buffer.from([0, 0, 0xff, 0xff]);

/**
 * Calls back for messages to the IDE server that a person may have caused (RULES R20), and not for keepalives (one every
 * 5 s), acknowledgements, answers to extensions and the like. Deflated messages are inflated beside the tunnel; if that
 * fails, all except the smallest frames count.
 */
export class SocketActivity implements FrameListener {
  readonly #onActivity: () => void;
  readonly #messages = new WireMessages();
  readonly #deflated: boolean;
  #inflater: InflateRaw | undefined;
  #given = false;
  /** Messages for the inflater; the first is being written. */
  readonly #queue: Buffer[][] = [];
  #queued = 0;
  #parts: Buffer[] = [];
  #compressed = false;
  #final = false;

  /**
   * @param extensions the `Sec-WebSocket-Extensions` agreed on
   * @param onActivity called for each message that counts
   */
  constructor(extensions: string, onActivity: () => void) {
    this.#deflated = extensions.includes("permessage-deflate");
    this.#onActivity = onActivity;
  }

  onFrame({ opcode, final, compressed, length }: FrameHead): boolean {
    if (opcode >= 8) return false;
    if (opcode !== 0) this.#compressed = compressed;
    this.#final = final;
    if (this.#given) {
      if (length > smallFrame) this.#onActivity();
      return false;
    }
    // The payload is needed for the check, and by the inflater.
    if (length <= maxCheckedLength || (this.#compressed && this.#deflated)) return true;
    this.#onActivity();
    return false;
  }

  onPayload(part: Buffer): void {
    this.#queued += part.length;
    if (this.#queued > maxQueueLength) this.#giveUp();
    else this.#parts.push(part);
  }

  onFrameEnd(): void {
    if (!this.#final || this.#given) return;
    const parts = this.#parts;
    this.#parts = [];
    if (this.#compressed && this.#deflated) {
      this.#queue.push(parts);
      if (this.#queue.length === 1) this.#inflateNext();
      return;
    }
    const data = Buffer.concat(parts);
    this.#queued -= data.length;
    this.#judge(data);
  }

  /** Resolves when all messages so far have been checked. */
  async settled(): Promise<void> {
    while (this.#queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Frees the inflater's memory. */
  close(): void {
    this.#given = true;
    this.#queue.length = 0;
    this.#parts = [];
    this.#inflater?.destroy();
    this.#inflater = undefined;
  }

  #inflateNext(): void {
    const parts = this.#queue[0];
    if (parts === undefined || this.#given) return;
    const inflater = this.#inflater ?? this.#createInflater();
    const found: Buffer[] = [];
    let length = 0;
    const onData = (data: Buffer) => {
      if (length < maxCheckedLength) found.push(data);
      length += data.length;
    };
    inflater.on("data", onData);
    for (const part of parts) inflater.write(part);
    inflater.write(deflateTail);
    inflater.flush(() => {
      inflater.off("data", onData);
      if (this.#given) return;
      for (const part of parts) this.#queued -= part.length;
      this.#queue.shift();
      if (length > maxCheckedLength) this.#onActivity();
      else this.#judge(Buffer.concat(found));
      this.#inflateNext();
    });
  }

  #createInflater(): InflateRaw {
    const inflater = createInflateRaw();
    inflater.on("error", () => this.#giveUp());
    this.#inflater = inflater;
    return inflater;
  }

  #judge(data: Buffer): void {
    if (this.#messages.isPersonal(data)) this.#onActivity();
  }

  #giveUp(): void {
    this.close();
    this.#onActivity();
  }
}
