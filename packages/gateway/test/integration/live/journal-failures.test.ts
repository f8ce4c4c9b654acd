import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { Journal } from "../../../src/live/journal.ts";
import { type LivePage, LiveRoom } from "./harness.ts";

/** What happens to the journal's writes. */
const disk = vi.hoisted(() => ({
  isFull: false,
  /** Writes until the process is killed in the middle of one. */
  left: Number.POSITIVE_INFINITY,
  onKilled: () => {},
}));

vi.mock("node:fs", async (load) => {
  const real = await load<typeof import("node:fs")>();
  const killed = () => disk.left <= 0;
  const writeSync = (file: number, bytes: Buffer, offset: number, length: number, position: number) => {
    if (disk.isFull) {
      real.writeSync(file, bytes, offset, Math.floor(length / 2), position);
      throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    }
    if (killed()) throw new Error("killed");
    disk.left -= 1;
    if (!killed()) return real.writeSync(file, bytes, offset, length, position);
    real.writeSync(file, bytes, offset, Math.floor(length / 2), position);
    disk.onKilled();
    throw new Error("killed");
  };
  const unlessKilled =
    <Arguments extends unknown[], Result>(call: (...all: Arguments) => Result) =>
    (...all: Arguments): Result => {
      if (killed()) throw new Error("killed");
      return call(...all);
    };
  return {
    ...real,
    writeSync,
    renameSync: unlessKilled(real.renameSync),
    rmSync: unlessKilled(real.rmSync),
    // What is half written stays, as after a real end.
    ftruncateSync: (file: number, size: number) => killed() || real.ftruncateSync(file, size),
  };
});

it("R21, R24: what does not fit into the journal is refused, and nobody sees it", async () => {
  const room = await LiveRoom.open({ "a.txt": "one\n" }, {}, "late");
  const [bob, eve] = [await room.opened("a.txt"), await room.opened("a.txt", { name: "Eve" })];
  disk.isFull = true;
  bob.type(0, "lost\n");
  await bob.until(() => bob.reasons.length === 1);
  disk.isFull = false;
  expect(bob.reasons).toEqual(["locked"]);
  expect(bob.text).toBe("one\n");

  bob.type(0, "kept\n");
  await eve.shows("kept\none\n");
  expect(eve.of("live-changes").flatMap(({ changes }) => changes)).toHaveLength(1);
  const content = Journal.read(Journal.fileOf(room.journals, join(room.root, "a.txt")));
  expect(content?.changes).toHaveLength(1);
});

it("R24: killed at 200 points of the journal's writes, nothing is lost or doubled", async () => {
  const room = await LiveRoom.open({ "a.txt": "" }, {}, "late");
  let typed = 0;
  let page = await room.opened("a.txt");
  for (let point = 0; point < 200; point += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    disk.onKilled = () => {
      page.isDeaf = true;
      resolve();
    };
    disk.left = 1 + ((point * 7) % 13);
    const goes = typeOn(page, () => {
      typed += 1;
      return `${typed}\n`;
    });
    await promise;
    goes();
    disk.left = 0;
    await room.kill(() => {
      disk.left = Number.POSITIVE_INFINITY;
    });
    const { client } = page;
    page = room.page();
    page.client = client;
    await page.open("a.txt", client?.reopen());
    await page.until(() => page.client?.unacknowledged === false);
  }
  expect(page.text).toBe(numbers(typed));
  page.save();
  await page.isSaved();
  expect(await room.file()).toBe(numbers(typed));
});

it("R24: a guest who enters anew with a change under way has it once", async () => {
  const room = await LiveRoom.open({ "a.txt": "one\n" });
  const before = await room.opened("a.txt");
  before.isDeaf = true;
  before.type(0, "bob\n");
  before.connection.close();
  const { client } = before;
  const after = room.page({ name: "Bob again" });
  after.client = client;
  await after.open("a.txt", client?.reopen());
  await after.until(() => after.client?.unacknowledged === false);
  expect(after.text).toBe("bob\none\n");
});

it("a journal that cannot be read is put aside, and deleted after 30 days", async () => {
  const room = await LiveRoom.open({ "a.txt": "one\n" });
  await room.opened("a.txt");
  const names = ["torn.log", "old.log.unreadable", "new.log.unreadable", "x.log.new", "x.log.next"];
  for (const name of names) await writeFile(join(room.journals, name), "nothing");
  const old = new Date(Date.now() - 31 * 24 * 3_600_000);
  await utimes(join(room.journals, "old.log.unreadable"), old, old);
  await room.documents.recover();
  const left = (await readdir(room.journals)).filter((name) => !/^[\da-f]{64}\.log$/.test(name));
  expect(left.sort()).toEqual(["new.log.unreadable", "torn.log.unreadable"]);
});

/** Types the next line whenever the last one is acknowledged. @returns ends it */
function typeOn(page: LivePage, next: () => string): () => void {
  let goes = true;
  const type = async () => {
    while (goes && !page.isDeaf) {
      page.type(page.text.length, next());
      await page.until(() => page.isDeaf || page.client?.unacknowledged === false);
    }
  };
  void type();
  return () => {
    goes = false;
  };
}

function numbers(count: number): string {
  return Array.from({ length: count }, (_, index) => `${index + 1}\n`).join("");
}
