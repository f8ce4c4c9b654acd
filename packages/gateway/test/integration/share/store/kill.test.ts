import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bundledThread, bundleStoreProcess, openStore, StoreProcess, type Told } from "./store-process.ts";

/** Each lane is a store of its own, killed again and again. */
const lanes = 4;
const killsEach = 50;
const maxAcknowledged = 40;
/** Milliseconds. */
const maxWait = 150;

let folder: string;
let program: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "waiide-store-kill-"));
  program = await bundleStoreProcess(join(folder, "bundle"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Kills a writer after a random number of acknowledgements, or at a random moment while it starts. */
async function writeAndKill(place: string): Promise<Told[]> {
  const writer = new StoreProcess("write", place, { program });
  const count = Math.floor(Math.random() * maxAcknowledged);
  if (count === 0) await delay(Math.random() * maxWait);
  else await writer.tells(({ share }) => share !== undefined, count);
  await delay(Math.random() * 3);
  await writer.kill();
  return writer.told;
}

/** What the audit says was done, checked to be done completely. */
async function whatWasDone(place: string): Promise<{ created: Set<string>; ended: Set<string> }> {
  const store = await openStore(place, { startThread: bundledThread(dirname(program)) });
  expect(store.status).toMatchObject({ kind: "ready" });
  const entries = (await store.audit({ limit: 1_000_000 })).toReversed();
  const { shares, links } = await store.load();
  await store.close();

  const done = { create: new Set<string>(), end: new Set<string>() };
  for (let index = 0; index < entries.length; index += 2) {
    const [first, last] = entries.slice(index, index + 2);
    expect([first?.details.part, last?.details.part, last?.share]).toEqual(["first", "last", first?.share]);
    expect(last?.details.did).toBe(first?.details.did);
    done[first?.details.did as "create" | "end"].add(first?.share ?? "");
  }
  const live = [...done.create].filter((share) => !done.end.has(share)).sort();
  expect(shares.map(({ id }) => id).sort()).toEqual(live);
  expect(links.map(({ share }) => share).sort()).toEqual(live);
  expect(endedRecords(place)).toEqual({ shares: done.end.size, links: done.end.size });
  return { created: done.create, ended: done.end };
}

function endedRecords(place: string): unknown {
  const database = new DatabaseSync(join(place, "shares.sqlite"), { readOnly: true });
  const counts = database
    .prepare("SELECT (SELECT count(endedAt) FROM shares) AS shares, (SELECT count(endedAt) FROM links) AS links")
    .get();
  database.close();
  return { ...counts };
}

it("R21: hundreds of random kills lose nothing acknowledged and leave nothing half done", async () => {
  const acknowledged = await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(join(folder, `${lane}`))));
  // Or else nothing was tried.
  expect(acknowledged.reduce((sum, count) => sum + count)).toBeGreaterThan(lanes * killsEach);
}, 600_000);

async function runLane(place: string): Promise<number> {
  let acknowledged = 0;
  for (let kill = 0; kill < killsEach; kill += 1) {
    const told = (await writeAndKill(place)).filter(({ share }) => share !== undefined);
    const { created, ended } = await whatWasDone(place);
    for (const line of told) {
      const done = line.ended ? ended : created;
      expect(done.has(String(line.share)), `${JSON.stringify(line)} was acknowledged`).toBe(true);
    }
    acknowledged += told.length;
  }
  return acknowledged;
}
