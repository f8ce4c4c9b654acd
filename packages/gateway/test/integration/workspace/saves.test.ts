import { appendFileSync, chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { versionOf } from "../../../src/workspace/documents/content.ts";
import { outcomeOf, pictureOf, setUp, TestGuest } from "./harness.ts";

const text = "1\n2\n3\n4\n5\n";

async function setUpFile(content: string | Buffer = text) {
  const { root, workspace, guest } = await setUp({ "a.txt": "" });
  const file = join(root, "a.txt");
  writeFileSync(file, content);
  const save = (base: string | null, next: string, more: { base_content?: string; encoding?: "base64" } = {}) =>
    guest.ask("write", { path: "a.txt", base, content: next, encoding: "utf8", ...more });
  return { root, file, workspace, guest, save, now: () => readFileSync(file, "utf8") };
}

describe("R13: no edit is lost silently", () => {
  it("changes in other places are merged; the base is known from the read before", async () => {
    const { file, guest, save, now } = await setUpFile();
    const { version } = await guest.ask("read", { path: "a.txt" });
    writeFileSync(file, text.replace("5", "five"));
    const saved = await save(version, text.replace("1", "one"));
    expect(saved).toMatchObject({
      merged: "one\n2\n3\n4\nfive\n",
      version: versionOf("one\n2\n3\n4\nfive\n"),
      size: 15,
    });
    expect(now()).toBe("one\n2\n3\n4\nfive\n");
    // Autosave continues from the content that the page has now.
    expect(await save(saved.version, "one\n2\n3\n4\nfive\n6\n")).not.toHaveProperty("merged");
  });

  it("after a reconnect the page brings the base itself", async () => {
    const { file, save, now } = await setUpFile();
    writeFileSync(file, text.replace("5", "five"));
    const saved = await save(versionOf(text), text.replace("1", "one"), { base_content: text });
    expect(saved.merged).toBe("one\n2\n3\n4\nfive\n");
    expect(now()).toBe(saved.merged);
    expect(await outcomeOf(save(versionOf("x"), "y", { base_content: "z" }))).toBe("INVALID");
  });

  it("CRLF is kept, also where lines are merged", async () => {
    const crlf = text.replaceAll("\n", "\r\n");
    const { file, guest, save, now } = await setUpFile(crlf);
    const { version, content } = await guest.ask("read", { path: "a.txt" });
    expect(content).toBe(crlf);
    writeFileSync(file, crlf.replace("5", "five"));
    await save(version, crlf.replace("1", "one"));
    expect(now()).toBe(crlf.replace("5", "five").replace("1", "one"));
  });

  it.each([
    ["overlapping", text.replace("3", "drei"), text.replace("3", "trois"), {}],
    ["of the same size", text.replace("3", "x"), text.replace("3", "y"), {}],
    ["a base that nobody knows", text.replace("1", "x"), text.replace("5", "y"), { unknown: true }],
    ["of bytes that are no text", text.replace("1", "x"), Buffer.from("\0").toString("base64"), { encoding: "base64" }],
  ] as const)("a conflict has the current version: %s", async (_, theirs, mine, how) => {
    const { root, file, guest, save } = await setUpFile();
    const base = "unknown" in how ? versionOf(text) : (await guest.ask("read", { path: "a.txt" })).version;
    writeFileSync(file, theirs);
    const before = pictureOf(root);
    const more = "encoding" in how ? { encoding: how.encoding } : {};
    await expect(save(base, mine, more)).rejects.toMatchObject({ code: "CONFLICT", version: versionOf(theirs) });
    expect(pictureOf(root)).toEqual(before);
    // Overwrite: the same save, based on the current content.
    expect((await save(versionOf(theirs), mine, more)).version).toBeDefined();
  });

  it("the same text twice is no conflict", async () => {
    const { file, guest, save } = await setUpFile();
    const { version } = await guest.ask("read", { path: "a.txt" });
    writeFileSync(file, "same\n");
    expect(await save(version, "same\n")).toMatchObject({ version: versionOf("same\n") });
  });

  it("a save does not recreate a deleted file, nor replace one with a new one", async () => {
    const { root, guest, save } = await setUpFile();
    const { version } = await guest.ask("read", { path: "a.txt" });
    await guest.ask("delete", { path: "a.txt" });
    expect(await outcomeOf(save(version, "x"))).toBe("NOT_FOUND");
    expect(pictureOf(root)).toEqual({});
    await save(null, "new");
    expect(await outcomeOf(save(null, "newer"))).toBe("EXISTS");
  });

  it("saves of several guests at once end one after the other", async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const { workspace, now } = await setUpFile(lines.join("\n"));
    const base = versionOf(lines.join("\n"));
    const guests = Array.from({ length: 20 }, (_, index) => new TestGuest(workspace, { session: `guest-${index}` }));
    await Promise.all(
      guests.map((guest, index) =>
        guest.ask("write", {
          path: "a.txt",
          base,
          base_content: lines.join("\n"),
          content: lines.with(index * 2, `changed by ${index}`).join("\n"),
          encoding: "utf8",
        }),
      ),
    );
    expect(now()).toBe(lines.map((line, index) => (index % 2 === 0 ? `changed by ${index / 2}` : line)).join("\n"));
  });

  it.each([1, 2, 3, 4, 5])("the owner writes at the worst moment: at check %i of the rights", async (moment) => {
    const { file, workspace, now } = await setUpFile();
    let asked = 0;
    const guest = new TestGuest(workspace, {
      onAsked: () => {
        asked += 1;
        if (asked === moment) appendFileSync(file, "owner\n");
      },
    });
    const params = { path: "a.txt", base: versionOf(text), base_content: text, encoding: "utf8" as const };
    await guest.ask("write", { ...params, content: text.replace("1", "guest") });
    const end = moment > asked ? "" : "owner\n";
    expect(now()).toBe(`${text.replace("1", "guest")}${end}`);
  });

  it("a file that never rests is busy, and stays the owner's", async () => {
    const { file, workspace, now } = await setUpFile();
    let lines = 0;
    const guest = new TestGuest(workspace, { onAsked: () => appendFileSync(file, `owner ${lines++}\n`) });
    const params = { path: "a.txt", base: versionOf(text), base_content: text, encoding: "utf8" as const };
    expect(await guest.outcome("write", { ...params, content: text.replace("1", "guest") })).toBe("BUSY");
    const owners = Array.from({ length: lines }, (_, index) => `owner ${index}\n`);
    expect(now()).toBe(text + owners.join(""));
  });
});

it("R13: base64 is exact; other content than base64 or text is refused", async () => {
  const { file, guest, save } = await setUpFile(Buffer.from([0, 255, 1]));
  const { version, content, encoding } = await guest.ask("read", { path: "a.txt" });
  expect({ content, encoding }).toEqual({ content: "AP8B", encoding: "base64" });
  await save(version, "/wAB", { encoding: "base64" });
  expect([...readFileSync(file)]).toEqual([255, 0, 1]);
  const again = versionOf(readFileSync(file));
  for (const bad of ["/wA", "/wA-", "/w==x", "####"]) {
    expect(await outcomeOf(save(again, bad, { encoding: "base64" }))).toBe("INVALID");
  }
  expect(await outcomeOf(save(again, "\ud800"))).toBe("INVALID");
  expect([...readFileSync(file)]).toEqual([255, 0, 1]);
});

it("R9: setuid and setgid bits do not stay", async () => {
  const { file, guest } = await setUpFile();
  chmodSync(file, 0o6644);
  await guest.change("a.txt", "x");
  expect(statSync(file).mode & 0o7777).toBe(0o644);
});
