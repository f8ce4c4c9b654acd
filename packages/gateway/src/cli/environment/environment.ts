import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { EnvironmentFacts } from "@waiide/protocol";
import { ask } from "../share-targets/asking.ts";
import { keysOf } from "../share-targets/copy-flags.ts";
import { formatTable } from "../table.ts";

export interface EnvironmentFlags {
  readonly root?: string;
  readonly settings?: string;
  readonly write?: true;
  readonly json?: true;
}

/** “waiide environment”: exit code 1 if the folder's devcontainer.json cannot be used. */
export async function environment({ root, settings, write, json }: EnvironmentFlags): Promise<void> {
  const body = { ...(root !== undefined && { root: resolve(root) }), settings: keysOf(settings ?? "") };
  const facts = (await ask("/api/share/environment", { method: "POST", body, timeout: 90_000 })) as EnvironmentFacts;
  if (json) print(JSON.stringify(facts, undefined, 2));
  else for (const line of environmentInWords(facts)) print(line);
  if (write) await writeMissing(facts, json === true);
  if (facts.problem !== null) process.exitCode = 1;
}

/** Only what is not there: the owner's own files stay as they are. */
async function writeMissing({ root, written }: EnvironmentFacts, isQuiet: boolean): Promise<void> {
  for (const [path, text] of Object.entries(written)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: "wx" });
    if (!isQuiet) print(`Written: ${file}`);
  }
  if (Object.keys(written).length === 0 && !isQuiet) print("Nothing is missing.");
}

/** Line by line. */
export function environmentInWords(facts: EnvironmentFacts): string[] {
  const { devcontainer, problem, locks, python, kernels, extensions, extensions_left_out, settings, runs } = facts;
  const rows = [
    ["folder", facts.root],
    ["devcontainer.json", problem ?? `${devcontainer?.path}${devcontainer?.generated ? " (WAIIDE writes one)" : ""}`],
    ["packages", locks.map(({ path, frozen }) => `${path}${frozen ? " (what is installed)" : ""}`).join(", ")],
    ["left out", facts.packages_left_out.join(", ")],
    ["Python", python ?? ""],
    ["kernels", kernels.map(({ name }) => name).join(", ")],
    ["image", facts.image ?? ""],
    ["profile", facts.profile ?? ""],
    ["extensions", extensions.map(({ id }) => id).join(", ")],
    ["left out", extensions_left_out.join(", ")],
    ["settings", Object.keys(settings).join(", ")],
    ["left out", facts.settings_left_out.map(({ key, why }) => `${key} (${why})`).join(", ")],
  ].filter(([, value]) => value !== "");
  const lines = formatTable(["what", "which"], rows as string[][]).split("\n");
  const offered = runs.filter((run) => run.offered);
  if (offered.length > 0)
    lines.push("", "“Set up” would run:", ...offered.map(({ command }) => `  ${printable(command)}`));
  const others = runs.filter((run) => !run.offered);
  if (others.length > 0) {
    const table = others.map(({ path, name, when }) => [path, name, when]);
    lines.push("", "Programs start by themselves:", ...formatTable(["file", "what", "when"], table).split("\n"));
  }
  return lines;
}

/** Commands may hold anything; the terminal gets none of its control characters. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "�");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
