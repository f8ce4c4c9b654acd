import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { readPush, refusedPush } from "../../../src/git/push.ts";

const [none, id] = ["0".repeat(40), "a".repeat(40)];

function packet(text: string): string {
  return (text.length + 4).toString(16).padStart(4, "0") + text;
}

async function* inParts(text: string, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

describe("what git pushes", () => {
  it.each([1, 7, 10_000])("is read in parts of %i bytes, and passed on whole", async (size) => {
    const whole = `${packet(`${none} ${id} refs/heads/from/bob\0 report-status side-band-64k`)}0000PACK and more`;
    const push = await readPush(inParts(whole, size));
    expect(push).toMatchObject({
      commands: [{ before: none, after: id, ref: "refs/heads/from/bob" }],
      hasSideBand: true,
    });
    expect(await text(push.content)).toBe(whole);
  });

  it("may be nothing: git tries out its password", async () => {
    expect(await readPush(inParts("0000", 4))).toMatchObject({ commands: [], hasSideBand: false });
  });

  it.each([
    "",
    "PACK",
    "zzzz",
    "0003x",
    "0004",
    packet("push-cert x"),
    packet(`${none} ${id} `),
    `ffff${"x".repeat(70_000)}`,
  ])("%j is refused", async (text) => {
    await expect(
      readPush(inParts(`${text}${text.length > 20 && text.length < 99 ? "0000" : ""}`, 999)),
    ).rejects.toThrow("something else than a push");
  });

  it("a refusal names each ref with the reason, on one line", async () => {
    const commands = [{ before: none, after: id, ref: "refs/heads/main" }];
    const plain = refusedPush({ commands, hasSideBand: false, content: inParts("", 1) }, "no\nway");
    expect(plain.toString()).toBe(`${packet("unpack ok\n")}${packet("ng refs/heads/main no way\n")}0000`);
    const banded = refusedPush({ commands, hasSideBand: true, content: inParts("", 1) }, "no");
    expect(banded.subarray(4, 5)).toEqual(Buffer.from([1]));
    expect(banded.toString().endsWith("00000000")).toBe(true);
  });
});
