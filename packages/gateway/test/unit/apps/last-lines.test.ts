import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { LastLines } from "../../../src/apps/last-lines.ts";

async function linesOf(...chunks: (string | Buffer)[]): Promise<{ last: readonly string[]; told: string[] }> {
  const told: string[] = [];
  const lines = new LastLines((line) => void told.push(line));
  const stream = new PassThrough();
  lines.follow(stream);
  const ended = once(stream, "end");
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await ended;
  return { last: lines.last(), told };
}

describe("The last lines of a program", () => {
  it("are put together across chunks, the unfinished last one included", async () => {
    const { last } = await linesOf(
      "fi",
      "rst\nsec",
      "ond\r\n\n",
      Buffer.from("gr\u00fc\u00df").subarray(0, 3),
      Buffer.from([0xbc, 0xc3, 0x9f]),
    );
    expect(last.slice(0, 2)).toEqual(["first", "second"]);
    expect(last).toHaveLength(3);
  });

  it("carry no control characters", async () => {
    expect((await linesOf("\u001b[1;31mred\u001b[0m\u0007 \u0000x\n")).last).toEqual(["red   x"]);
  });

  it("are limited in number and length, but each is reported", async () => {
    const { last, told } = await linesOf(
      `${"x".repeat(2_000_000)}\n`,
      Array.from({ length: 50 }, (_, at) => `line ${at}\n`).join(""),
    );
    expect(last).toHaveLength(20);
    expect(last.at(-1)).toBe("line 49");
    expect(told).toHaveLength(51);
    expect(told[0]).toHaveLength(500);
  });
});
