import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findChromium } from "./src/browser/browser.ts";
import { describeMachine, describeOwnVersions, describeVersions, wrkVersion } from "./src/environment.ts";
import type { Figure } from "./src/figure.ts";
import { measureCommits } from "./src/measure/commits.ts";
import { measureDownload } from "./src/measure/download.ts";
import { measureEditor } from "./src/measure/editor.ts";
import { measureGuestWorkbench } from "./src/measure/guest-workbench.ts";
import { autocannon, type LoadGenerator, measureHttp, wrk } from "./src/measure/http.ts";
import { measureLive } from "./src/measure/live.ts";
import { measureSharing } from "./src/measure/sharing.ts";
import { measureSpawn } from "./src/measure/spawn.ts";
import { launchers, measureMemory, measureStart } from "./src/measure/start.ts";
import { measureStore } from "./src/measure/store.ts";
import { measureWebSocket } from "./src/measure/websocket.ts";
import { type Browsing, measureWorkbench } from "./src/measure/workbench.ts";
import { help, type Options, parseOptions, type RowName, type SharingRowName, sharingRows } from "./src/options.ts";
import { progress } from "./src/progress.ts";
import { type Reasons, reportOf } from "./src/report.ts";
import { type RowResult, readResults, writeResults } from "./src/results.ts";
import { Hub } from "./src/servers/hub.ts";
import { installPeers } from "./src/servers/peers.ts";
import {
  startBackend,
  startBareProxy,
  startCodeServer,
  startStack,
  startWaiide,
  type Target,
  type TargetName,
  type Toolbox,
  type Tools,
} from "./src/servers/targets.ts";
import { Workplace } from "./src/workplace.ts";

const repository = join(import.meta.dirname, "..");
const waiide = join(repository, "packages/gateway/bin/waiide");
const resultsFile = join(import.meta.dirname, "results.json");
const reportFile = join(import.meta.dirname, "RESULTS.md");

interface Bench {
  readonly options: Options;
  readonly tools: Toolbox;
  readonly hub: Hub | undefined;
  readonly backend: number;
  readonly targets: readonly Target[];
  readonly generate: LoadGenerator;
  readonly chromium: string | undefined;
}

/** Straight to jupyterhub-singleuser nobody can log in with a browser. */
function browsable({ targets }: Bench): Target[] {
  return targets.filter(({ name }) => name !== "direct" && name !== "stack");
}

function browsingOf({ backend, tools, chromium = findChromium() }: Bench): Browsing {
  return { chromium, place: tools.place, backend };
}

/** Rows that need nothing but programs to start, and rows that need the targets running. */
const launching: Record<"start" | "memory", typeof measureStart> = { start: measureStart, memory: measureMemory };
const running: Record<
  Exclude<RowName, "start" | "memory" | "spawn" | SharingRowName>,
  (bench: Bench) => Promise<Figure[]>
> = {
  http: ({ targets, backend, generate, options }) => measureHttp(targets, backend, generate, options.rounds),
  websocket: ({ targets, backend, options }) => measureWebSocket(targets, backend, options.rounds),
  download: ({ targets, backend, options }) => measureDownload(targets, backend, options.rounds),
  workbench: (bench) => measureWorkbench(browsable(bench), browsingOf(bench), bench.options.rounds),
  editor: (bench) => measureEditor(browsable(bench), browsingOf(bench), bench.options.rounds),
};

/** Builds what is ours and installs the IDE server, as `npm run setup` would. */
function prepareOurs(options: Options): void {
  execFileSync("npm", ["run", "build"], { cwd: repository, stdio: "inherit" });
  if (options.ideServerNamed || existsSync(join(options.ideServer, "out/server-main.js"))) return;
  execFileSync(waiide, ["ide", "install", "--to", options.ideServer], { stdio: "inherit" });
}

async function main(options: Options): Promise<void> {
  const sharing = sharingRows.filter((row) => options.rows.includes(row));
  const hasPeers = options.rows.length > sharing.length;
  if (wantsOurs(options) || sharing.length > 0) prepareOurs(options);
  const place = new Workplace();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => void place.close().finally(() => process.exit(130)));
  }
  try {
    const tools: Tools = { place, ide: options.ideServer, waiide };
    if (hasPeers) await measureBesidePeers(options, tools);
    if (sharing.length > 0) await measureShares(options, tools, sharing);
  } finally {
    progress("stopping everything");
    await place.close();
  }
  progress(`written: ${reportFile}`);
}

async function measureBesidePeers(options: Options, ours: Tools): Promise<void> {
  const { place } = ours;
  const wrkFound = wrkVersion();
  const peers = await installPeers(join(repository, ".bench"), options.ideServer, wrkFound === undefined);
  const generate = peers.autocannon === undefined ? wrk() : autocannon(peers.autocannon);
  const browses = (["workbench", "editor", "spawn"] as const).some((row) => options.rows.includes(row));
  const chromium = browses ? (options.chromium ?? findChromium()) : undefined;
  const loadGenerator = wrkFound ?? "autocannon (wrk is not installed)";
  const versions = describeVersions({ repository, ide: options.ideServer, chromium, loadGenerator });
  const keep = keeper(options, place, versions);
  const tools: Toolbox = { ...ours, peers };
  const hub = wants(options, "stack", "stackBehindProxy") ? await startHub(tools) : undefined;
  await measureLaunching(options, tools, hub, keep);
  await measureRunning(options, tools, hub, { generate, chromium }, keep);
  if (options.rows.includes("spawn") && hub !== undefined) {
    const browser = chromium ?? findChromium();
    keep("spawn", await measureSpawn(hub, place, browser, options.targets, options.rounds));
  }
}

/** Rows without peers: nothing of theirs is installed or started. */
async function measureShares(options: Options, tools: Tools, rows: readonly SharingRowName[]): Promise<void> {
  const chromium = rows.includes("guest") ? (options.chromium ?? findChromium()) : undefined;
  const versions = describeOwnVersions({ repository, ide: options.ideServer, chromium });
  const measure: Record<SharingRowName, () => Promise<Figure[]>> = {
    sharing: () => measureSharing(tools, options.rounds),
    live: () => measureLive(tools, options.rounds),
    commits: () => measureCommits(tools, options.rounds),
    store: () => measureStore(tools, options.rounds),
    guest: () => measureGuestWorkbench(tools, chromium ?? findChromium(), options.rounds),
  };
  for (const row of rows) {
    const keep = keeper(options, tools.place, versions);
    keep(row, await measure[row]());
  }
}

/** Keeps rows with what is known before the first of them. */
function keeper({ rounds }: Options, place: Workplace, versions: Readonly<Record<string, string>>): Keep {
  const machine = describeMachine();
  return (row, figures) =>
    save(row, {
      measuredAt: new Date().toISOString(),
      rounds,
      machine,
      versions,
      commands: place.commands,
      figures,
    });
}

async function startHub(tools: Toolbox): Promise<Hub> {
  progress("starting JupyterHub and Alice's server");
  return await Hub.start(tools);
}

type Keep = (row: RowName, figures: readonly Figure[]) => void;

async function measureLaunching(options: Options, tools: Toolbox, hub: Hub | undefined, keep: Keep): Promise<void> {
  for (const row of ["start", "memory"] as const) {
    if (options.rows.includes(row))
      keep(row, await launching[row](launchers(tools, hub, options.targets), options.rounds));
  }
}

async function measureRunning(
  options: Options,
  tools: Toolbox,
  hub: Hub | undefined,
  { generate, chromium }: Pick<Bench, "generate" | "chromium">,
  keep: Keep,
): Promise<void> {
  const rows = (["http", "websocket", "download", "workbench", "editor"] as const).filter((row) =>
    options.rows.includes(row),
  );
  if (rows.length === 0) return;
  progress("starting the servers to be compared");
  const { port: backend, direct } = await startBackend(tools.place);
  const all = [direct, ...(hub ? await startStack(tools, hub) : [])];
  if (rows.includes("http") && wants(options, "bare")) all.push(await startBareProxy(tools.place, backend));
  if (wants(options, "codeServer")) all.push(await startCodeServer(tools));
  if (wantsOurs(options)) all.push(...(await startWaiide(tools)));
  const targets = all.filter(({ name }) => options.targets.has(name));
  for (const row of rows) {
    const measured = row === "http" ? targets : targets.filter(({ name }) => name !== "bare");
    keep(row, await running[row]({ options, tools, hub, backend, targets: measured, generate, chromium }));
  }
}

function wants(options: Options, ...names: TargetName[]): boolean {
  return names.some((name) => options.targets.has(name));
}

function wantsOurs(options: Options): boolean {
  return wants(options, "waiide", "waiideBehindProxy");
}

/** Keeps a finished row at once, beside those of earlier runs. */
function save(row: RowName, result: RowResult): void {
  const results = { ...readResults(resultsFile), [row]: result };
  writeResults(resultsFile, results);
  const reasons = JSON.parse(readFileSync(join(import.meta.dirname, "reasons.json"), "utf8")) as Reasons;
  writeFileSync(reportFile, reportOf(results, reasons));
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await main(options);
  else console.log(help);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
