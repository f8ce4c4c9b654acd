import { setTimeout as delay } from "node:timers/promises";
import { Browser } from "../browser/browser.ts";
import { Collector, type Contender, type Figure } from "../figure.ts";
import { treeMegabytes } from "../memory.ts";
import { progress } from "../progress.ts";
import { type SharingServer, startSharing, type Tools } from "../servers/targets.ts";
import { fileRow, rowSelector, visibleLimit } from "./workbench.ts";

/** In the workspace's root, and what it says. */
const file = "README.md";
const words = "Monthly flow of three rivers";

/** The editor shows blanks as no-break spaces. */
const readable = `[...document.querySelectorAll(".monaco-editor .view-line")].some((line) => line.textContent.replaceAll("\\u00a0", " ").includes(${JSON.stringify(words)}))`;

interface Visit {
  /** Address opened → file readable. */
  readonly seconds: number;
  /** Fetched by page and workers until nothing more came. */
  readonly megabytes: number;
  readonly heapMegabytes: number;
  /** What all processes of the server took more than before. */
  readonly serverMegabytes: number;
}

/** Someone who opens an address and waits for a file. */
interface Visitor {
  readonly name: Contender;
  readonly address: string;
  /** Whether the landing page comes first. */
  readonly lands: boolean;
  /** Whether the file opens by itself; else it is clicked in the explorer. */
  readonly opensFile: boolean;
}

/** A guest's way from the link to a readable file, beside the owner's IDE on the same file, in one gateway. */
export async function measureGuestWorkbench(tools: Tools, chromium: string, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  const server = await startSharing(tools);
  try {
    const visitors = await visitorsOf(server);
    for (const visitor of [visitors.owner, visitors.guest]) {
      progress(`guest, warming up: ${visitor.name}`);
      await visit(server, visitor, { tools, chromium, profile: tools.place.folder("chromium"), slow: false });
    }
    for (let round = 0; round < rounds; round++) {
      progress(`guest, round ${round + 1} of ${rounds}`);
      await measureRound(server, visitors, { tools, chromium }, collector);
    }
  } finally {
    await server.close();
  }
  return figuresOf(collector);
}

type Visitors = Record<"owner" | "guest" | "second" | "single", Visitor>;

async function visitorsOf({ control, origin }: SharingServer): Promise<Visitors> {
  const link = async (part?: string): Promise<string> =>
    (await control.create({ permission: "View Only", ...(part !== undefined && { file: part }) })).url;
  const guest = { name: "guest", lands: true, opensFile: false } as const;
  return {
    owner: { name: "owner", address: `${origin}/`, lands: false, opensFile: false },
    guest: { ...guest, address: await link() },
    second: { ...guest, address: await link() },
    single: { ...guest, address: await link(file), opensFile: true },
  };
}

async function measureRound(
  server: SharingServer,
  { owner, guest, second, single }: Visitors,
  { tools, chromium }: { tools: Tools; chromium: string },
  collector: Collector,
): Promise<void> {
  const profileOf = (): string => tools.place.folder("chromium");
  const look = async (name: string, visitor: Visitor, profile: string): Promise<void> => {
    const seen = await visit(server, visitor, { tools, chromium, profile, slow: true });
    collector.add(name, visitor.name, seen.seconds);
    collector.add(`${name}Bytes`, visitor.name, seen.megabytes);
    collector.add(`${name}Heap`, visitor.name, seen.heapMegabytes);
    collector.add(`${name}Server`, visitor.name, seen.serverMegabytes);
  };
  const profiles = { owner: profileOf(), guest: profileOf() };
  await look("cold", owner, profiles.owner);
  await look("cold", guest, profiles.guest);
  await look("second", owner, profiles.owner);
  await look("second", second, profiles.guest);
  await look("single", single, profileOf());
}

interface Visiting {
  readonly tools: Tools;
  readonly chromium: string;
  readonly profile: string;
  readonly slow: boolean;
}

async function visit(
  server: SharingServer,
  visitor: Visitor,
  { tools, chromium, profile, slow }: Visiting,
): Promise<Visit> {
  const before = treeMegabytes(server.pid);
  const browser = await Browser.start(chromium, profile, tools.place);
  try {
    if (slow) await browser.throttle();
    const landing = await browser.whenShown("#enter", visibleLimit);
    const explorer = await browser.whenShown(rowSelector, visibleLimit);
    const text = await browser.whenTrue(readable, `text of ${file}`, visibleLimit);
    const traffic = browser.traffic();
    const begin = performance.now();
    await browser.open(visitor.address);
    if (visitor.lands) {
      await landing.seen;
      await browser.evaluate('document.getElementById("name").value = "Bob"; document.getElementById("go").click()');
    }
    if (!visitor.opensFile) {
      await explorer.seen;
      await browser.click(fileRow(file));
    }
    await text.seen;
    const seconds = (performance.now() - begin) / 1000;
    const end = performance.now() + 20_000;
    while (!traffic.quietFor(1500) && performance.now() < end) await delay(100);
    traffic.stop();
    const serverMegabytes = treeMegabytes(server.pid) - before;
    return { seconds, megabytes: traffic.megabytes, heapMegabytes: await browser.heapMegabytes(), serverMegabytes };
  } finally {
    await browser.close();
  }
}

function figuresOf(collector: Collector): Figure[] {
  const figure = (id: string, title: string, unit: Figure["unit"]): Figure => ({
    id: `guest.${id}`,
    title,
    unit,
    samples: collector.of(id),
  });
  return [
    figure("cold", "opened → first file readable, workspace shared, cold", "s"),
    figure("coldBytes", "fetched in all, workers and what follows included, cold", "MB"),
    figure("second", "the same with the browser's cache, by another share of the same gateway", "s"),
    figure("secondBytes", "fetched in all then", "MB"),
    figure("single", "opened → file readable, that file alone shared, cold", "s"),
    figure("singleBytes", "fetched in all then", "MB"),
    figure("coldHeap", "JavaScript heap of the page", "MB"),
    figure("coldServer", "memory that all of the server's processes took for the visit (PSS)", "MB"),
  ];
}
