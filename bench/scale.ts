// `node bench/scale.ts [COUNT]`: what one user takes, and what COUNT gateways (50) with their IDE servers take on one machine.
// Prints a table; docs/scale.md has one. Run it alone on the machine, or the times mean nothing.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Browser, findChromium } from "./src/browser/browser.ts";
import { proportionalMegabytes, treeMegabytes } from "./src/memory.ts";
import { descendantsOf, unlessEnded } from "./src/process.ts";
import { progress } from "./src/progress.ts";
import { type OwnServer, startOwnServer } from "./src/servers/own-server.ts";
import { median } from "./src/statistics.ts";
import { Workplace } from "./src/workplace.ts";

/** Period in which the processor time of idle servers is counted. Seconds. */
const idleSeconds = 30;
/** A page has settled when its extensions have started. Milliseconds. */
const settling = 10_000;
/** Ticks of the clock in which the kernel counts processor time. */
const ticksPerSecond = 100;

/** Processor time that a process and all that it started have used, in seconds. */
function processorSeconds(pid: number): number {
  const ticks = [pid, ...descendantsOf(pid)].map((one) => unlessEnded(() => ticksOf(one)) ?? 0);
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** What the files in a folder take, in megabytes. */
function diskMegabytes(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).blocks * 512, 0) / 1e6;
}

/** Processor time of one server with nobody at it, per minute. */
async function idleProcessor(servers: readonly OwnServer[]): Promise<number> {
  const before = servers.reduce((sum, { program }) => sum + processorSeconds(program.pid), 0);
  await delay(idleSeconds * 1_000);
  const after = servers.reduce((sum, { program }) => sum + processorSeconds(program.pid), 0);
  return ((after - before) / servers.length) * (60 / idleSeconds);
}

async function withPage(place: Workplace, server: OwnServer): Promise<{ memory: number; processor: number }> {
  const browser = await Browser.start(findChromium() ?? "chromium", place.folder("browser"), place);
  await browser.open(server.url);
  await delay(settling);
  const processor = await idleProcessor([server]);
  const memory = treeMegabytes(server.program.pid);
  return { memory, processor };
}

async function main(count: number): Promise<void> {
  const place = new Workplace();
  try {
    const rows: [string, string][] = [];
    const add = (what: string, value: number, unit: string) => {
      rows.push([what, `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)} ${unit}`]);
      progress(rows.at(-1)?.join(": ") ?? "");
    };
    rows.push(["machine", `${cpus().length} × ${cpus()[0]?.model.trim()}, ${(totalmem() / 1e9).toFixed(0)} GB`]);
    rows.push(["load before", loadavg()[0]?.toFixed(1) ?? ""]);

    progress("one user");
    const one = await startOwnServer(place);
    await delay(settling);
    add("one: start → answers", one.answers, "ms");
    add("one: start → IDE ready", one.ready, "ms");
    add("one: memory of the gateway", proportionalMegabytes(one.program.pid), "MB");
    add("one: memory with the IDE server, nobody at it", treeMegabytes(one.program.pid), "MB");
    add("one: processor, nobody at it", await idleProcessor([one]), "s/minute");
    const page = await withPage(place, one);
    add("one: memory with a page open", page.memory, "MB");
    add("one: processor with a page open, nobody typing", page.processor, "s/minute");
    add("one: disk in the home folder", diskMegabytes(one.home), "MB");
    await one.program.close();

    const servers: OwnServer[] = [];
    for (let index = 0; index < count; index++) {
      progress(`${index + 1} of ${count}`);
      servers.push(await startOwnServer(place));
    }
    await delay(settling);
    const name = `${count} at once, one started after the other`;
    add(`${name}: start → answers, median`, median(servers.map(({ answers }) => answers)), "ms");
    add(`${name}: start → answers, longest`, Math.max(...servers.map(({ answers }) => answers)), "ms");
    add(`${name}: start → IDE ready, median`, median(servers.map(({ ready }) => ready)), "ms");
    const trees = servers.map(({ program }) => treeMegabytes(program.pid));
    const gateways = servers.map(({ program }) => proportionalMegabytes(program.pid));
    add(`${name}: memory of a gateway`, gateways.reduce((sum, each) => sum + each, 0) / count, "MB");
    add(`${name}: memory of a gateway and its IDE server`, trees.reduce((sum, each) => sum + each, 0) / count, "MB");
    add(`${name}: processor of one, nobody at it`, await idleProcessor(servers), "s/minute");
    rows.push(["load after", loadavg()[0]?.toFixed(1) ?? ""]);
    console.log(["| what | measured |", "| --- | --- |", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n"));
  } finally {
    progress("stopping everything");
    await place.close();
  }
}

const [count = "50"] = process.argv.slice(2);
await main(Number(count));
