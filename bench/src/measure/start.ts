import { Collector, type Figure } from "../figure.ts";
import { proportionalMegabytes, settledMegabytes } from "../memory.ts";
import { listenerOf, untilAnswers } from "../process.ts";
import { progress } from "../progress.ts";
import type { Hub } from "../servers/hub.ts";
import {
  type Launch,
  launchCodeServer,
  launchStack,
  launchWaiide,
  type TargetName,
  type Toolbox,
} from "../servers/targets.ts";

type Launcher = () => Promise<Launch>;

/** The programs whose start and idle memory are compared, in the order of a round. */
export function launchers(
  tools: Toolbox,
  hub: Hub | undefined,
  wanted: ReadonlySet<TargetName>,
): Map<TargetName, Launcher> {
  const all: [TargetName, Launcher | undefined][] = [
    ["stack", hub && (() => launchStack(tools, hub))],
    ["codeServer", () => launchCodeServer(tools)],
    ["waiide", () => launchWaiide(tools)],
  ];
  return new Map(
    all.filter((entry): entry is [TargetName, Launcher] => wanted.has(entry[0]) && entry[1] !== undefined),
  );
}

/** Process start to the first answer, in milliseconds; asked every 5 ms. */
export async function measureStart(programs: Map<TargetName, Launcher>, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  await eachRound("start", programs, rounds, async (name, launch) => {
    await untilAnswers(launch.program, launch.readyUrl);
    collector.add("start", name, performance.now() - launch.program.startedAt);
  });
  return [
    { id: "start.answers", title: "process start → `{prefix}api` answers", unit: "ms", samples: collector.of("start") },
  ];
}

/** Memory of the process that answers, fresh and idle, in megabytes. */
export async function measureMemory(programs: Map<TargetName, Launcher>, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  await eachRound("memory", programs, rounds, async (name, launch) => {
    await untilAnswers(launch.program, launch.readyUrl);
    const pid = listenerOf(launch.port);
    collector.add("resident", name, await settledMegabytes(pid));
    collector.add("proportional", name, proportionalMegabytes(pid));
  });
  return [
    { id: "memory.resident", title: "resident memory when idle (RSS)", unit: "MB", samples: collector.of("resident") },
    {
      id: "memory.proportional",
      title: "proportional share of memory when idle (PSS)",
      unit: "MB",
      samples: collector.of("proportional"),
    },
  ];
}

/** One after the other, never two at once, each ended before the next begins. */
async function eachRound(
  row: string,
  programs: Map<TargetName, Launcher>,
  rounds: number,
  measure: (name: TargetName, launch: Launch) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const [name, launcher] of programs) {
      progress(`${row}, round ${round + 1} of ${rounds}: ${name}`);
      const launch = await launcher();
      await measure(name, launch);
      await launch.program.close();
    }
  }
}
