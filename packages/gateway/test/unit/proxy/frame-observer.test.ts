import fc from "fast-check";
import { expect, it } from "vitest";
import { type FrameHead, FrameObserver } from "../../../src/proxy/frame-observer.ts";

interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly compressed: boolean;
  readonly mask: Uint8Array | undefined;
  readonly payload: Uint8Array;
}

/** RFC 6455 §5.2, written independently of the observer. */
function encode({ opcode, final, compressed, mask, payload }: Frame): Buffer {
  const { length } = payload;
  const first = (final ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const flag = mask === undefined ? 0 : 0x80;
  const size = length < 126 ? Buffer.from([flag | length]) : Buffer.alloc(length < 65_536 ? 3 : 9);
  if (length >= 65_536) {
    size[0] = flag | 127;
    size.writeBigUInt64BE(BigInt(length), 1);
  } else if (length >= 126) {
    size[0] = flag | 126;
    size.writeUInt16BE(length, 1);
  }
  const body = Buffer.from(payload).map((byte, index) => byte ^ (mask?.[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([first]), size, mask ?? Buffer.alloc(0), body]);
}

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.integer({ min: 65_530, max: 65_545 }).map((length) => new Uint8Array(length).fill(7)),
);
const dataFrame = fc.record({
  opcode: fc.constantFrom(0, 1, 2),
  final: fc.boolean(),
  compressed: fc.boolean(),
  mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
  payload,
});
const controlFrame = fc.record({
  opcode: fc.constantFrom(8, 9, 10),
  final: fc.constant(true),
  compressed: fc.constant(false),
  mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
  payload: fc.uint8Array({ maxLength: 125 }),
});
const frames = fc.array(fc.oneof(dataFrame, controlFrame), { maxLength: 8 });

function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((left, right) => left - right);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function watch(wanted: (head: FrameHead) => boolean) {
  const seen: { head: FrameHead; payload: Buffer; ended: boolean }[] = [];
  const observer = new FrameObserver({
    onFrame: (head) => {
      seen.push({ head, payload: Buffer.alloc(0), ended: false });
      return wanted(head);
    },
    onPayload: (part) => {
      const last = seen[seen.length - 1];
      if (last !== undefined) last.payload = Buffer.concat([last.payload, part]);
    },
    onFrameEnd: () => {
      const last = seen[seen.length - 1];
      if (last !== undefined) last.ended = true;
    },
  });
  return { observer, seen };
}

it("R20 tells every frame with its payload, however the bytes are cut", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(), { maxLength: 30 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(encode));
      const before = Buffer.from(bytes);
      const { observer, seen } = watch(() => true);
      for (const chunk of chunksOf(bytes, cuts)) expect(observer.observe(chunk)).toBe(chunk.length);
      expect(bytes.equals(before)).toBe(true);
      expect(observer.atFrameEnd).toBe(true);
      expect(seen.map(({ head, ended }) => ({ ...head, ended }))).toEqual(
        sent.map(({ opcode, final, compressed, payload }) => {
          return { opcode, final, compressed, length: payload.length, ended: true };
        }),
      );
      for (const [index, { payload }] of seen.entries()) {
        expect(payload.equals(Buffer.from(sent[index]?.payload ?? []))).toBe(true);
      }
    }),
  );
});

it("R20 gives no payload where none is wanted", () => {
  const { observer, seen } = watch(({ opcode }) => opcode === 1);
  const mask = new Uint8Array([1, 2, 3, 4]);
  const frame = { final: true, compressed: false, mask, payload: Buffer.from("hello") };
  observer.observe(Buffer.concat([encode({ ...frame, opcode: 2 }), encode({ ...frame, opcode: 1 })]));
  expect(seen.map(({ payload, ended }) => [payload.toString(), ended])).toEqual([
    ["", false],
    ["hello", true],
  ]);
});

it("R1 stops behind the first frame that ends, wherever the chunk is cut", () => {
  fc.assert(
    fc.property(
      fc.array(dataFrame, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(), { maxLength: 9 }),
      (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(encode));
        const first = encode(sent[0] as Frame).length;
        const { observer } = watch(() => false);
        let looked = 0;
        for (const chunk of chunksOf(bytes, cuts)) {
          looked += observer.observe(chunk, true);
          if (looked > 0 && observer.atFrameEnd) break;
        }
        expect(looked).toBe(first);
      },
    ),
  );
});

it("R20 ignores everything but WebSocket frames, and never fails", () => {
  const { observer } = watch(() => true);
  expect(observer.observe(Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))).toBe(27);
  expect(observer.blind).toBe(true);
  expect(observer.atFrameEnd).toBe(false);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
      const { observer, seen } = watch(() => true);
      for (const chunk of chunks) expect(observer.observe(Buffer.from(chunk))).toBe(chunk.length);
      expect(seen.length).toBeLessThanOrEqual(chunks.reduce((sum, { length }) => sum + length, 0));
    }),
  );
});

it("R20 a length that no frame can have makes it blind", () => {
  const { observer } = watch(() => true);
  observer.observe(Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5]));
  expect(observer.blind).toBe(true);
});
