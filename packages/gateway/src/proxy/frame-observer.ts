/** The head of a WebSocket frame (RFC 6455 §5.2, §5.5). */
export interface FrameHead {
  /** 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /** Whether the message ends with this frame. */
  readonly final: boolean;
  /** RSV1: with permessage-deflate, whether the message that begins here is compressed (RFC 7692 §6). */
  readonly compressed: boolean;
  /** Bytes of its payload. */
  readonly length: number;
}

/** Gets the frames of one direction of a WebSocket. */
export interface FrameListener {
  /** @returns whether `onPayload` wants the payload: only then is it unmasked */
  onFrame(head: FrameHead): boolean;
  /** Gets the parts of a wanted payload as they arrive. */
  onPayload?(part: Buffer): void;
  /** The wanted payload is complete. */
  onFrameEnd?(): void;
}

/** Length of the longest head: two bytes, a 64-bit length and a mask (RFC 6455 §5.2). */
const maxHeadLength = 14;

/**
 * Parses the frames of one direction of a WebSocket, in chunks of any size. It reads only heads, stores nothing and never
 * changes a byte. On malformed frames it stops parsing for good; the tunnel is unaffected.
 */
export class FrameObserver {
  readonly #listener: FrameListener;
  readonly #head = new Uint8Array(maxHeadLength);
  #headBytes = 0;
  #headLength = 2;
  #left = 0;
  #wanted = false;
  #masked = false;
  #maskAt = 0;
  #maskPosition = 0;
  #blind = false;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** Whether a frame of our own can be sent now without breaking one. */
  get atFrameEnd(): boolean {
    return !this.#blind && this.#left === 0 && this.#headBytes === 0;
  }

  /** Whether it saw malformed frames. */
  get blind(): boolean {
    return this.#blind;
  }

  /**
   * @param stopAtFrameEnd stop behind the first frame that ends
   * @returns how many bytes were parsed
   */
  observe(chunk: Buffer, stopAtFrameEnd = false): number {
    let position = 0;
    while (position < chunk.length && !this.#blind) {
      if (this.#left === 0) {
        position = this.#readHead(chunk, position);
        if (this.#headBytes < this.#headLength || this.#blind) continue;
        this.#beginFrame();
        if (this.#blind) break;
      }
      const end = Math.min(chunk.length, position + this.#left);
      if (this.#wanted && end > position) this.#tell(chunk.subarray(position, end));
      this.#left -= end - position;
      position = end;
      if (this.#left > 0) continue;
      if (this.#wanted) this.#listener.onFrameEnd?.();
      if (stopAtFrameEnd) return position;
    }
    return this.#blind ? chunk.length : position;
  }

  #readHead(chunk: Buffer, start: number): number {
    let position = start;
    while (position < chunk.length && this.#headBytes < this.#headLength) {
      this.#head[this.#headBytes++] = chunk[position++] as number;
      if (this.#headBytes !== 2) continue;
      const second = this.#head[1] as number;
      const size = second & 0x7f;
      this.#masked = (second & 0x80) !== 0;
      this.#maskAt = size === 126 ? 4 : size === 127 ? 10 : 2;
      this.#headLength = this.#maskAt + (this.#masked ? 4 : 0);
      // No extension uses RSV2 and RSV3; control frames are short and never fragmented (§5.5).
      const opcode = (this.#head[0] as number) & 0x0f;
      const control = opcode >= 8;
      const whole = ((this.#head[0] as number) & 0x80) !== 0 && size < 126;
      const known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
      this.#blind = ((this.#head[0] as number) & 0x30) !== 0 || !known || (control && !whole);
      if (this.#blind) break;
    }
    return position;
  }

  #beginFrame(): void {
    const head = this.#head;
    const first = head[0] as number;
    const length = this.#length();
    this.#headBytes = 0;
    this.#headLength = 2;
    this.#maskPosition = 0;
    if (!Number.isSafeInteger(length)) {
      this.#blind = true;
      return;
    }
    this.#left = length;
    this.#wanted = this.#listener.onFrame({
      opcode: first & 0x0f,
      final: (first & 0x80) !== 0,
      compressed: (first & 0x40) !== 0,
      length,
    });
  }

  #length(): number {
    const head = this.#head;
    const size = (head[1] as number) & 0x7f;
    if (size < 126) return size;
    let length = 0;
    for (let index = 2; index < this.#maskAt; index++) length = length * 256 + (head[index] as number);
    return length;
  }

  #tell(part: Buffer): void {
    if (!this.#masked) {
      this.#listener.onPayload?.(part);
      return;
    }
    const plain = Buffer.allocUnsafe(part.length);
    for (let index = 0; index < part.length; index++) {
      const mask = this.#head[this.#maskAt + ((this.#maskPosition + index) & 3)] as number;
      plain[index] = (part[index] as number) ^ mask;
    }
    this.#maskPosition = (this.#maskPosition + part.length) & 3;
    this.#listener.onPayload?.(plain);
  }
}
