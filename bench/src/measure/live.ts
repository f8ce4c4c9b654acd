import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LiveWriter, RelayWriter, type Writer } from "../browser/writer.ts";
import { Collector, type Contender, type Figure } from "../figure.ts";
import { settledMegabytes } from "../memory.ts";
import { cpuMilliseconds, freePort, untilAnswers } from "../process.ts";
import { progress } from "../progress.ts";
import { startSharing, type Tools } from "../servers/targets.ts";
import { percentile } from "../statistics.ts";

const relayProgram = join(import.meta.dirname, "../servers/relay.ts");
const writerCount = 100;
const typistCount = 10;
/** A quick typist. Milliseconds between keys. */
const keyInterval = 140;
/** In ten seconds. */
const keysEach = Math.floor(10_000 / keyInterval);
/** A key that has not come after so many milliseconds was refused or lost. */
const longest = 30_000;
const singleKeys = 300;
const warmUpKeys = 20;
/** Milliseconds. */
const keyPause = 30;
const ordinarySize = 100_000;
const largeSize = 1_000_000;

type Open = (index: number) => Promise<Writer>;

/** One file that people write in: how soon others have a key, and what that costs, beside a server that only passes on. */
export async function measureLive(tools: Tools, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  for (let round = 0; round < rounds; round++) {
    progress(`live, round ${round + 1} of ${rounds}`);
    await measureRelay(tools, collector);
    await measureOurs(tools, collector);
  }
  return figuresOf(collector);
}

async function measureRelay(tools: Tools, collector: Collector): Promise<void> {
  const port = await freePort();
  const command: [string, ...string[]] = [process.execPath, relayProgram, String(port)];
  const program = await tools.place.start(tools.place.folder("relay"), command);
  await untilAnswers(program, `http://127.0.0.1:${port}/`);
  const open = () => RelayWriter.open(port, randomUUID());
  await measureServer({ contender: "relay", pid: program.pid, open, openLarge: open }, collector);
  await program.close();
}

async function measureOurs(tools: Tools, collector: Collector): Promise<void> {
  const server = await startSharing(tools);
  writeFileSync(join(server.workspace, "ordinary.txt"), textOf(ordinarySize));
  writeFileSync(join(server.workspace, "large.txt"), textOf(largeSize));
  const share = await server.control.create({ permission: "Full Access" });
  const at = (path: string) => (index: number) =>
    LiveWriter.open(share.url, `Guest ${index}`, path, (index + 1) / (writerCount + 1));
  const open = at("ordinary.txt");
  try {
    await measureServer({ contender: "waiide", pid: server.pid, open, openLarge: at("large.txt") }, collector);
  } finally {
    await server.close();
  }
}

interface Measured {
  readonly contender: Contender;
  readonly pid: number;
  readonly open: Open;
  readonly openLarge: Open;
}

async function measureServer({ contender, pid, open, openLarge }: Measured, collector: Collector): Promise<void> {
  const two = [await open(0), await open(1)];
  await measureSingleKeys("pair", two, contender, collector);
  for (const writer of two) writer.close();
  const large = [await openLarge(0), await openLarge(1)];
  await measureSingleKeys("large", large, contender, collector);
  for (const writer of large) writer.close();
  const before = await settledMegabytes(pid);
  const writers: Writer[] = [];
  for (let index = 0; index < writerCount; index++) writers.push(await open(index));
  collector.add("memoryEach", contender, ((await settledMegabytes(pid)) - before) / writerCount);
  await measureCrowd(writers, pid, contender, collector);
  await untilEqual(writers);
  for (const writer of writers) writer.close();
}

/** One key after another, each as soon as the other has the one before. */
async function measureSingleKeys(
  id: string,
  writers: readonly Writer[],
  contender: Contender,
  collector: Collector,
): Promise<void> {
  const [typist, other] = writers as [Writer, Writer];
  const times: number[] = [];
  for (let key = 0; key < warmUpKeys + singleKeys; key++) {
    const arrived = Promise.withResolvers<void>();
    other.onKeys = () => arrived.resolve();
    const begin = performance.now();
    typist.type("x");
    await inTime(arrived.promise);
    if (key >= warmUpKeys) times.push(performance.now() - begin);
    // Nobody types the next key at once: changes that follow so soon are gathered.
    await delay(keyPause);
  }
  collector.add(`${id}Median`, contender, percentile(times, 0.5));
  collector.add(`${id}P99`, contender, percentile(times, 0.99));
}

/** Ten of a hundred type at once, each at a place of their own. */
async function measureCrowd(
  writers: readonly Writer[],
  pid: number,
  contender: Contender,
  collector: Collector,
): Promise<void> {
  const typists = writers.slice(0, typistCount);
  const typed = new Map<string, number[]>(typists.map(({ person }) => [person, []]));
  const times: number[] = [];
  const expected = keysEach * typistCount * (writers.length - 1);
  const all = Promise.withResolvers<void>();
  for (const writer of writers) {
    const seen = new Map<string, number>();
    writer.bytes = 0;
    writer.onKeys = (person, count) => {
      const now = performance.now();
      const first = seen.get(person) ?? 0;
      seen.set(person, first + count);
      for (let key = first; key < first + count; key++) times.push(now - (typed.get(person)?.[key] ?? Number.NaN));
      if (times.length >= expected) all.resolve();
    };
  }
  const [cpu, begin] = [cpuMilliseconds(pid), performance.now()];
  await Promise.all(typists.map((typist, index) => typeFor(typist, typed, (index * keyInterval) / typistCount)));
  await inTime(all.promise);
  const keys = [...typed.values()].reduce((sum, moments) => sum + moments.length, 0);
  const received = writers.reduce((sum, { bytes }) => sum + bytes, 0);
  collector.add("crowdMedian", contender, percentile(times, 0.5));
  collector.add("crowdP99", contender, percentile(times, 0.99));
  collector.add("crowdCpu", contender, ((cpuMilliseconds(pid) - cpu) / (performance.now() - begin)) * 100);
  collector.add("crowdBytes", contender, received / keys / writers.length);
}

async function typeFor(typist: Writer, typed: ReadonlyMap<string, number[]>, start: number): Promise<void> {
  await delay(start);
  const begin = performance.now();
  for (let key = 0; key < keysEach; key++) {
    await delay(Math.max(0, begin + key * keyInterval - performance.now()));
    typed.get(typist.person)?.push(performance.now());
    typist.type("k");
  }
}

/** @throws Error where it takes too long */
async function inTime(promise: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = delay(longest, "late" as const, { signal: timer.signal });
  // Aborted below, when the other was first.
  late.catch(() => undefined);
  const first = await Promise.race([promise, late]);
  timer.abort();
  if (first === "late") throw new Error(`keys have not come after ${longest} ms`);
}

/** @throws Error where the pages do not come to the same text: the figures would be of something that does not work */
async function untilEqual(writers: readonly Writer[]): Promise<void> {
  const pages = writers.filter((writer) => writer instanceof LiveWriter);
  for (let tries = 0; new Set(pages.map(({ text }) => text)).size > 1; tries++) {
    if (tries === 50) throw new Error(`${writerCount} pages do not have the same text`);
    await delay(100);
  }
}

function textOf(size: number): string {
  const lines: string[] = [];
  for (let length = 0, line = 0; length < size; line++) {
    lines.push(`station ${line}: the gauge reads ${(line * 7919) % 1000} cm at noon`);
    length += (lines.at(-1) as string).length + 1;
  }
  return `${lines.join("\n").slice(0, size - 1)}\n`;
}

function figuresOf(collector: Collector): Figure[] {
  const figure = (id: string, title: string, unit: Figure["unit"]): Figure => ({
    id: `live.${id}`,
    title,
    unit,
    samples: collector.of(id),
  });
  const crowd = `${writerCount} in a file of 100 kB, ${typistCount} of them typing`;
  return [
    figure("pairMedian", "key → the other guest's page, two in a file of 100 kB, median", "ms"),
    figure("pairP99", "its 99th percentile", "ms"),
    figure("largeMedian", "the same in a file of 1 MB, median", "ms"),
    figure("largeP99", "its 99th percentile", "ms"),
    figure("crowdMedian", `key → another guest's page, ${crowd}, median`, "ms"),
    figure("crowdP99", "its 99th percentile", "ms"),
    figure("crowdCpu", "CPU of the server meanwhile, of one core", "%"),
    figure("crowdBytes", "bytes for each key and receiver", "bytes"),
    figure("memoryEach", "growth of resident memory for each guest in the file", "MB"),
  ];
}
