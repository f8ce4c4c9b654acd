import type { FileChange, Result } from "@waiide/protocol";
import { expect, it } from "vitest";
import { Renames } from "../../../src/documents/renames.ts";
import { SessionError } from "../../../src/session/session-error.ts";

function setUp(versions: Readonly<Record<string, string>>) {
  const moved: [string, string][] = [];
  const read: string[] = [];
  let now = 0;
  const followed = {
    async read(path: string) {
      read.push(path);
      const version = versions[path];
      if (version === undefined) throw new SessionError("NOT_FOUND", "gone");
      return { version } as Result<"read">;
    },
    versionOf: (path: string) => (path === "open.txt" ? "v1" : undefined),
    moved: (from: string, to: string) => void moved.push([from, to]),
  };
  const renames = new Renames(followed, () => now);
  const say = (...changes: [FileChange["kind"], string][]) =>
    renames.changed(changes.map(([kind, path]) => ({ kind, path })));
  const wait = (time: number) => {
    now += time;
  };
  return { moved, read, say, wait };
}

it("an open file that is gone is found again where a new one has its content", async () => {
  const { moved, say } = setUp({ "other.txt": "v9", "new.txt": "v1" });
  await say(["created", "other.txt"], ["deleted", "open.txt"], ["created", "new.txt"]);
  expect(moved).toEqual([["open.txt", "new.txt"]]);
});

it("also if the new name arrives first or a little later", async () => {
  const first = setUp({ "new.txt": "v1" });
  await first.say(["created", "new.txt"]);
  first.wait(100);
  await first.say(["deleted", "open.txt"]);
  expect(first.moved).toEqual([["open.txt", "new.txt"]]);
  const late = setUp({ "new.txt": "v1" });
  await late.say(["deleted", "open.txt"]);
  late.wait(10_000);
  await late.say(["created", "new.txt"]);
  expect(late.moved).toEqual([]);
});

it("what is not open, or has other content, is not followed", async () => {
  const { moved, read, say } = setUp({ "new.txt": "v2" });
  await say(["deleted", "closed.txt"], ["created", "new.txt"], ["created", "gone-again.txt"]);
  expect(read).toEqual([]);
  await say(["deleted", "open.txt"]);
  expect([moved, read]).toEqual([[], ["new.txt", "gone-again.txt"]]);
});
