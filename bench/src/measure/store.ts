import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Collector, type Figure } from "../figure.ts";
import { progress } from "../progress.ts";
import { type SharingServer, startSharing, type Tools } from "../servers/targets.ts";
import { percentile } from "../statistics.ts";

const atOnce = 32;
const createsAtOnce = 640;
const createsInTurn = 200;
const warmUp = 20;

/** Shares made over the control socket, each on disk before it is answered (RULES R21). */
export async function measureStore(tools: Tools, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  for (let round = 0; round < rounds; round++) {
    progress(`store, round ${round + 1} of ${rounds}`);
    // Its own each time: what there is already makes the next one slower.
    const server = await startSharing(tools);
    try {
      const alone = commitTimes(join(tools.place.folder("sqlite"), "alone.sqlite"));
      collector.add("median", "machine", percentile(alone, 0.5));
      collector.add("p99", "machine", percentile(alone, 0.99));
      await createInTurn(server, warmUp);
      const times = await createInTurn(server, createsInTurn);
      collector.add("median", "waiide", percentile(times, 0.5));
      collector.add("p99", "waiide", percentile(times, 0.99));
      collector.add("rate", "machine", 1000 / (alone.reduce((sum, time) => sum + time, 0) / alone.length));
      collector.add("rate", "waiide", await createsPerSecond(server));
    } finally {
      await server.close();
    }
  }
  return [
    { id: "store.rate", title: `shares made a second, ${atOnce} at once`, unit: "/s", samples: collector.of("rate") },
    {
      id: "store.median",
      title: "time to make one, one after another, median",
      unit: "ms",
      samples: collector.of("median"),
    },
    { id: "store.p99", title: "its 99th percentile", unit: "ms", samples: collector.of("p99") },
  ];
}

/** Milliseconds each. */
async function createInTurn({ control }: SharingServer, count: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    const begin = performance.now();
    await control.create({ permission: "View Only" });
    times.push(performance.now() - begin);
  }
  return times;
}

async function createsPerSecond({ control }: SharingServer): Promise<number> {
  let left = createsAtOnce;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await control.create({ permission: "View Only" });
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  return createsAtOnce / ((performance.now() - begin) / 1000);
}

/** What the disk allows: three small rows a transaction with the store's own settings and nothing around it. Milliseconds. */
function commitTimes(file: string): number[] {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; CREATE TABLE rows (text TEXT)");
  const insert = database.prepare("INSERT INTO rows VALUES (?)");
  const times: number[] = [];
  while (times.length < createsInTurn) {
    const begin = performance.now();
    database.exec("BEGIN EXCLUSIVE");
    for (let row = 0; row < 3; row++) insert.run("x".repeat(200));
    database.exec("COMMIT");
    times.push(performance.now() - begin);
  }
  database.close();
  return times;
}
