import { setTimeout as delay } from "node:timers/promises";
import { Browser } from "../browser/browser.ts";
import { Collector, type Figure } from "../figure.ts";
import { statusOf } from "../process.ts";
import { progressOfRound } from "../progress.ts";
import type { Hub } from "../servers/hub.ts";
import type { TargetName } from "../servers/targets.ts";
import type { Workplace } from "../workplace.ts";
import { logIn, rowSelector, visibleLimit } from "./workbench.ts";

/** One named server of Alice's, as the hub's configuration starts it. */
interface Spawned {
  readonly target: TargetName;
  readonly server: "stack" | "waiide";
  /** Where its IDE is, below the hub's address. */
  readonly idePath: string;
}

/** How often `{prefix}api` is asked. Milliseconds. */
const interval = 20;

/**
 * From the click that spawns a server until `{prefix}api` answers through the hub's proxy, and until the explorer's rows are
 * shown: the hub's page of progress, its login, and the start of the IDE included. New server and new profile each time.
 */
export async function measureSpawn(
  hub: Hub,
  place: Workplace,
  chromium: string,
  wanted: ReadonlySet<TargetName>,
  rounds: number,
): Promise<Figure[]> {
  const collector = new Collector();
  const folder = encodeURIComponent(hub.workspace);
  const all: Spawned[] = [
    {
      target: "stackBehindProxy",
      server: "stack",
      idePath: `/user/alice/stack/proxy/${hub.idePort}/?folder=${folder}`,
    },
    { target: "waiideBehindProxy", server: "waiide", idePath: "/user/alice/waiide/ide/" },
  ];
  const servers = all.filter(({ target }) => wanted.has(target));
  // What is done once for each home (scanning extensions, caches of code) is no part of a spawn.
  for (let round = 0; round <= rounds; round++) {
    for (const server of servers) {
      progressOfRound("spawn", round, rounds, server.target);
      const { ready, visible } = await spawn(hub, server, place, chromium);
      if (round === 0) continue;
      collector.add("ready", server.target, ready);
      collector.add("visible", server.target, visible);
    }
  }
  return [
    { id: "spawn.ready", title: "spawn clicked → `{prefix}api` answers", unit: "s", samples: collector.of("ready") },
    { id: "spawn.visible", title: "spawn clicked → workbench visible", unit: "s", samples: collector.of("visible") },
  ];
}

async function spawn(
  hub: Hub,
  { server, idePath }: Spawned,
  place: Workplace,
  chromium: string,
): Promise<{ ready: number; visible: number }> {
  const browser = await Browser.start(chromium, place.folder("chromium"), place);
  try {
    await logIn(browser, hub.origin, { user: "alice", password: hub.password }, "/hub/home");
    await browser.throttle();
    const { seen } = await browser.whenShown(rowSelector, visibleLimit);
    const begin = performance.now();
    // A link of the hub's own page, as a person clicks it: an address that is typed makes the hub ask first.
    const address = `/hub/spawn/alice/${server}?next=${encodeURIComponent(idePath)}`;
    await browser.evaluate(`location.assign(${JSON.stringify(address)})`);
    const [ready] = await Promise.all([untilReady(`${hub.origin}/user/alice/${server}/api`, begin), seen]);
    return { ready, visible: (performance.now() - begin) / 1000 };
  } finally {
    await browser.close();
    await hub.stopServer(server);
  }
}

/** @returns seconds since `begin` */
async function untilReady(url: string, begin: number): Promise<number> {
  for (;;) {
    if ((await statusOf(url)) === 200) return (performance.now() - begin) / 1000;
    if (performance.now() > begin + visibleLimit) throw new Error(`${url} does not answer`);
    await delay(interval);
  }
}
