import { type Finding, ok } from "../base/finding.ts";
import type { Config } from "../config/config.ts";
import { findProgram, isProgram } from "../system/programs.ts";

/** Which settings have another value than their default, what is wrong with them, and whether the programs of apps exist. */
export async function checkSettings({
  explained,
  warnings,
  apps,
}: Pick<Config, "explained" | "warnings" | "apps">): Promise<Finding[]> {
  const set = explained.filter(({ source }) => source !== "default" && source !== "decided at start");
  const message =
    set.length === 0 ? "all at their defaults" : set.map(({ name, origin }) => `${name} from ${origin}`).join(", ");
  return [ok("settings", message), ...(await checkApps(apps)), ...warnings.map(asFinding)];
}

function asFinding(message: string): Finding {
  return { check: "settings", result: "warning", message };
}

async function checkApps(apps: Config["apps"]): Promise<Finding[]> {
  const programs = Object.entries(apps).flatMap(([name, { command }]) =>
    command?.[0] === undefined ? [] : [{ name, program: command[0] }],
  );
  const found = await Promise.all(programs.map(({ program }) => isInstalled(program)));
  return programs.filter((_program, index) => !found[index]).map(({ name, program }) => missingProgram(name, program));
}

function missingProgram(name: string, program: string): Finding {
  const action = "Install it, or correct the command under “apps”.";
  return { check: `app ${name}`, result: "warning", message: `its program “${program}” is not on PATH`, action };
}

async function isInstalled(program: string): Promise<boolean> {
  if (program.includes("/")) return isProgram(program);
  return (await findProgram(program, process.env)) !== undefined;
}
