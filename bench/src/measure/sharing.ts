import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { GuestPage } from "../browser/guest-page.ts";
import { Collector, type Figure } from "../figure.ts";
import { settledMegabytes } from "../memory.ts";
import { cpuMilliseconds } from "../process.ts";
import { progress } from "../progress.ts";
import { type SharingServer, startSharing, type Tools } from "../servers/targets.ts";
import { percentile } from "../statistics.ts";

const guestCount = 30;
/** How long nothing happens while CPU time is taken. Milliseconds. */
const stillness = 10_000;
const warmUpChanges = 5;
const measuredChanges = 60;
/** New files at once in a folder that everybody watches, as `git checkout` makes them. */
const burstFiles = 300;
const manyFiles = 10_000;
/** Every hundredth file holds what is searched for. */
const needle = "confluence";
const needles = manyFiles / 100;
/** The file that is changed again and again: all guests have it open. */
const openFile = "data/flow.csv";

const run = promisify(execFile);

/** 30 View Only guests in one share: what they cost, how soon they learn of changes, and how soon they are out. */
export async function measureSharing(tools: Tools, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  for (let round = 0; round < rounds; round++) {
    progress(`sharing, round ${round + 1} of ${rounds}: ${guestCount} guests`);
    // A gateway of its own each time: memory does not shrink back.
    const server = await startSharing(tools);
    try {
      await measureRound(server, collector);
    } finally {
      await server.close();
    }
  }
  return figuresOf(collector);
}

async function measureRound(server: SharingServer, collector: Collector): Promise<void> {
  const many = makeFiles(server.workspace);
  const before = await settledMegabytes(server.pid);
  const stillBefore = await cpuWhileStill(server.pid);
  const share = await server.control.create({ permission: "View Only" });
  // With the first one the gateway loads what all need: that is no cost of each.
  const first = await GuestPage.enter(share.url, "Guest 1");
  await lookAround(first);
  const withFirst = await settledMegabytes(server.pid);
  const others = await Promise.all(
    Array.from({ length: guestCount - 1 }, (_, index) => GuestPage.enter(share.url, `Guest ${index + 2}`)),
  );
  for (const guest of others) await lookAround(guest);
  const guests = [first, ...others];
  const after = await settledMegabytes(server.pid);
  collector.add("memoryBefore", "waiide", before);
  collector.add("memory", "waiide", after);
  collector.add("memoryFirst", "waiide", withFirst - before);
  collector.add("memoryEach", "waiide", (after - withFirst) / others.length);
  const stillAfter = await cpuWhileStill(server.pid);
  // Of a minute, by guest.
  const eachMinute = ((stillAfter - stillBefore) / guestCount) * (60_000 / stillness);
  collector.add("cpuStill", "waiide", Math.max(0, eachMinute));
  await measureChanges(server, guests, collector);
  await measureBurst(server, guests, collector);
  await measureLooking(first, many, server.ripgrep, collector);
  const begin = performance.now();
  const [ends] = await Promise.all([Promise.all(guests.map(({ closed }) => closed)), server.control.revoke(share.id)]);
  collector.add("revoke", "waiide", Math.max(...ends) - begin);
}

/** @returns the folder with the 10,000 files */
function makeFiles(workspace: string): string {
  mkdirSync(join(workspace, "burst"));
  const many = join(workspace, "many");
  mkdirSync(many);
  for (let index = 0; index < manyFiles; index++) {
    const word = index % (manyFiles / needles) === 0 ? needle : "tributary";
    writeFileSync(
      join(many, `station-${String(index).padStart(5, "0")}.txt`),
      `Station ${index}\n\n${word} ${index}\n`,
    );
  }
  return many;
}

/** What a page requests first: the root and two folders open in the explorer, two files open in tabs. */
async function lookAround(guest: GuestPage): Promise<void> {
  for (const path of ["", "src", "burst"]) {
    await guest.ask("list", { path });
    await guest.ask("watch", { path });
  }
  for (const path of ["README.md", openFile]) {
    await guest.ask("read", { path });
    await guest.ask("watch", { path });
  }
}

async function cpuWhileStill(pid: number): Promise<number> {
  const begin = cpuMilliseconds(pid);
  await delay(stillness);
  return cpuMilliseconds(pid) - begin;
}

/** One change after another, each as soon as the last guest knows of the one before. */
async function measureChanges(
  { workspace, pid }: SharingServer,
  guests: readonly GuestPage[],
  collector: Collector,
): Promise<void> {
  const times: number[] = [];
  let cpu = 0;
  for (let change = 0; change < warmUpChanges + measuredChanges; change++) {
    if (change === warmUpChanges) cpu = cpuMilliseconds(pid);
    const told = guests.map((guest) => whenTold(guest, new Set([openFile])));
    const begin = performance.now();
    writeFileSync(join(workspace, openFile), `month,rhine,elbe,danube\n${change},2301,861,1420\n`);
    const arrivals = await Promise.all(told);
    if (change >= warmUpChanges) times.push(...arrivals.map((arrival) => arrival - begin));
  }
  collector.add("changeMedian", "waiide", percentile(times, 0.5));
  collector.add("changeP99", "waiide", percentile(times, 0.99));
  collector.add("changeCpu", "waiide", (cpuMilliseconds(pid) - cpu) / measuredChanges / guests.length);
}

async function measureBurst(
  { workspace, pid }: SharingServer,
  guests: readonly GuestPage[],
  collector: Collector,
): Promise<void> {
  const names = Array.from({ length: burstFiles }, (_, index) => `burst/new-${index}.txt`);
  const told = guests.map((guest) => whenTold(guest, new Set(names)));
  const cpu = cpuMilliseconds(pid);
  const begin = performance.now();
  for (const name of names) writeFileSync(join(workspace, name), `${name}\n`);
  const arrivals = await Promise.all(told);
  collector.add("burst", "waiide", Math.max(...arrivals) - begin);
  collector.add("burstCpu", "waiide", cpuMilliseconds(pid) - cpu);
}

/** When a guest heard of the last of these paths. Removes them from the set. */
function whenTold(guest: GuestPage, paths: Set<string>): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  guest.onChange = ({ path }) => {
    if (paths.delete(path) && paths.size === 0) resolve(performance.now());
  };
  return promise;
}

/** One of the guests lists the large folder and searches it, beside the same done by hand on this machine. */
async function measureLooking(guest: GuestPage, many: string, ripgrep: string, collector: Collector): Promise<void> {
  collector.add("list", "machine", await timed(() => listByHand(many)));
  collector.add("list", "waiide", await timed(() => listAll(guest)));
  collector.add("search", "machine", await timed(() => searchByHand(many, ripgrep)));
  collector.add("search", "waiide", await timed(() => search(guest)));
  collector.add("find", "waiide", await timed(() => find(guest)));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function listAll(guest: GuestPage): Promise<void> {
  let [count, cursor] = [0, undefined as string | undefined];
  do {
    const { entries, next } = await guest.ask("list", { path: "many", ...(cursor !== undefined && { cursor }) });
    count += entries.length;
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  require(count, manyFiles, "files listed");
}

async function listByHand(folder: string): Promise<void> {
  const names = (await readdir(folder)).sort();
  for (let next = 0; next < names.length; next += 32) {
    await Promise.all(names.slice(next, next + 32).map((name) => lstat(join(folder, name))));
  }
  require(names.length, manyFiles, "files listed by hand");
}

async function search(guest: GuestPage): Promise<void> {
  const { files } = await guest.ask("search", { pattern: needle, folder: "many" });
  require(files.length, needles, "files found");
}

/** With what the gateway says to ripgrep, as far as it costs time. */
async function searchByHand(folder: string, ripgrep: string): Promise<void> {
  const args = ["--no-config", "--hidden", "--threads=1", "--json", "--fixed-strings", "--ignore-case"];
  const { stdout } = await run(ripgrep, [...args, "-e", needle, "--", "."], { cwd: folder, maxBuffer: 2 ** 26 });
  require(stdout.split('{"type":"match"').length - 1, needles, "files found by hand");
}

async function find(guest: GuestPage): Promise<void> {
  const { paths } = await guest.ask("find", { pattern: "station-09" });
  if (paths.length === 0) throw new Error("no file was found by its name");
}

/** @throws Error where a figure would not measure what its name says */
function require(is: number, should: number, what: string): void {
  if (is !== should) throw new Error(`${is} ${what}, not ${should}`);
}

function figuresOf(collector: Collector): Figure[] {
  const figure = (id: string, title: string, unit: Figure["unit"]): Figure => ({
    id: `sharing.${id}`,
    title,
    unit,
    samples: collector.of(id),
  });
  return [
    figure("memoryBefore", "resident memory of the gateway without guests", "MB"),
    figure("memory", `the same with ${guestCount} guests`, "MB"),
    figure("memoryFirst", "its growth for the first guest", "MB"),
    figure("memoryEach", "its growth for each of the others", "MB"),
    figure("cpuStill", "CPU time that a guest costs in a minute in which nothing changes", "ms"),
    figure("changeMedian", "open file changed on disk → message at the guest, median", "ms"),
    figure("changeP99", "its 99th percentile over all guests", "ms"),
    figure("changeCpu", "CPU time of the gateway for each guest and change", "ms"),
    figure("burst", `${burstFiles} files made in a watched folder → the last guest knows all`, "ms"),
    figure("burstCpu", "CPU time of the gateway for that", "ms"),
    figure("list", `${manyFiles.toLocaleString("en-US")} files listed, all pages`, "ms"),
    figure("search", `the same searched for a word that ${needles} of them hold`, "ms"),
    figure("find", "the same searched by file name", "ms"),
    figure("revoke", `revoked → the last of ${guestCount} sockets closed`, "ms"),
  ];
}
