import { createInflateRaw, type InflateRaw } from "node:zlib";
import type { FrameHead, FrameListener } from "../proxy/frame-observer.ts";
import { WireMessages } from "./wire-messages.ts";

/** The part of a message that is looked at. Longer ones are a person's: no page talks that much by itself. Bytes. */
const maxCheckTime = 8 * 1024;
/** So much may wait to be inflated; behind that the look on is given up, so that no upload piles up here. Bytes. */
const maxQueueLength = 16 * 1024 * 1024;
/** An acknowledgement or keepalive is 13 bytes, deflated never more than so many. */
const smallFrame = 24;
/** Ends each deflated message, and is left out on the wire (RFC 7692 §7.2.2). */
const deflateTail = Buffer.from([0, 0, 0xff, 0xff]);

/**
 * Listens to what a browser sends to the IDE server and calls back for what a person may have caused (RULES R20): not for
 * keepalives (one every 5 s), acknowledgements, answers to extensions and the like. Deflated messages are inflated
 * beside the tunnel; where that fails, all but the smallest frames count.
 */
export class SocketActivity implements FrameListener {
  readonly #onActivity: () => void;
  readonly #messages = new WireMessages();
  readonly #deflated: boolean;
  #inflater: InflateRaw | undefined;
  #given = false;
  /** Messages that wait for the inflater, the first being written. */
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
    // Only the inflater needs what is not looked at.
    if (length <= maxCheckTime || (this.#compressed && this.#deflated)) return true;
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

  /** Resolves when all that came so far has been looked at. */
  async settled(): Promise<void> {
    while (this.#queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Gives the inflater's memory back. */
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
      if (length < maxCheckTime) found.push(data);
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
      if (length > maxCheckTime) this.#onActivity();
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
