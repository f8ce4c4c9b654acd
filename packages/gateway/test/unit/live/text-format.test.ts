import { expect, it } from "vitest";
import { decode, encode } from "../../../src/live/text-format.ts";

it.each(["", "one", "one\ntwo\n", "one\r\ntwo\r\n", "\ufeffone\r\ntwo", "\ufeff", "😀\n\u2028\n"])(
  "a live text comes back byte for byte: %j",
  (text) => {
    const decoded = decode(Buffer.from(text));
    if (typeof decoded === "string") throw new Error(decoded);
    expect(decoded.text.toString()).not.toMatch(/\r|^\ufeff/);
    expect(String(encode(decoded.text, decoded.format))).toBe(text);
  },
);

it.each([
  ["binary", Buffer.from("a\0b")],
  ["encoding", Buffer.from([0xe4])],
  ["line-endings", Buffer.from("a\r\nb\nc")],
  ["line-endings", Buffer.from("a\rb")],
])("what would not come back is not live: %s", (reason, bytes) => {
  expect(decode(bytes)).toBe(reason);
});
