import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type TargetName, targetNames } from "./servers/targets.ts";

/** Rows of sharing, which no peer has. */
export const sharingRows = ["sharing", "live", "store", "commits", "guest"] as const;
export type SharingRowName = (typeof sharingRows)[number];

export const rowNames = [
  ...(["start", "memory", "http", "websocket", "download", "workbench", "editor", "spawn"] as const),
  ...sharingRows,
] as const;
export type RowName = (typeof rowNames)[number];

export interface Options {
  readonly rows: readonly RowName[];
  readonly targets: ReadonlySet<TargetName>;
  readonly rounds: number;
  /** The IDE server's folder, if named. */
  readonly ideServer: string;
  readonly ideServerNamed: boolean;
  readonly chromium: string | undefined;
}

export const help = `Usage: npm run bench -- [options]

Measures this project beside its peers and writes bench/RESULTS.md and bench/results.json.

  --only ROWS        rows to measure, separated by commas; the others keep their last results
                     (${rowNames.join(", ")})
  --rounds N         rounds of each row, 1 to 50 (default 5); medians are shown
  --targets NAMES    for trials: only these (${targetNames.join(", ")})
  --ide-server DIR   VS Code server to use (default: the one that "waiide ide install" makes)
  --chromium FILE    browser to use (default: the one on PATH)
  --help             this text`;

/** @throws Error that names what is wrong with the arguments. Undefined: help was asked for. */
export function parseOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      rounds: { type: "string", default: "5" },
      targets: { type: "string" },
      "ide-server": { type: "string" },
      chromium: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50)
    throw new Error(`--rounds must be 1 to 50, not ${values.rounds}`);
  const dataHome = process.env.XDG_DATA_HOME || join(homedir(), ".local/share");
  const named = values["ide-server"];
  return {
    rows: namesFrom("--only", values.only, rowNames),
    targets: new Set(namesFrom("--targets", values.targets, targetNames)),
    rounds,
    ideServer: named === undefined ? join(dataHome, "waiide/ide-server") : resolve(named),
    ideServerNamed: named !== undefined,
    chromium: values.chromium,
  };
}

function namesFrom<Name extends string>(
  flag: string,
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (text === undefined) return known;
  const wanted = text.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !known.some((candidate) => candidate === name));
  if (unknown !== undefined) throw new Error(`${flag} does not know ${unknown}; it knows ${known.join(", ")}`);
  return known.filter((name) => wanted.includes(name));
}
