import { type Finding, ok } from "../base/finding.ts";
import type { Config } from "../config/config.ts";
import { findProgram, isProgram } from "../system/programs.ts";

/** Which settings have another value than their default, what is wrong with them, and whether the programs of apps exist. */
export function checkSettings({
  explained,
  warnings,
  apps,
}: Pick<Config, "explained" | "warnings" | "apps">): Finding[] {
  const set = explained.filter(({ source }) => source !== "default" && source !== "decided at start");
  const message =
    set.length === 0 ? "all at their defaults" : set.map(({ name, origin }) => `${name} from ${origin}`).join(", ");
  return [ok("settings", message), ...checkApps(apps), ...warnings.map(asFinding)];
}

function asFinding(message: string): Finding {
  return { check: "settings", result: "warning", message };
}

function checkApps(apps: Config["apps"]): Finding[] {
  const programs = Object.entries(apps).flatMap(([name, { command }]) =>
    command?.[0] === undefined ? [] : [{ name, program: command[0] }],
  );
  return programs
    .filter(({ program }) => !isInstalled(program))
    .map(({ name, program }) => missingProgram(name, program));
}

function missingProgram(name: string, program: string): Finding {
  const action = "Install it, or correct the command under “apps”.";
  return { check: `app ${name}`, result: "warning", message: `its program “${program}” is not on PATH`, action };
}

function isInstalled(program: string): boolean {
  return program.includes("/") ? isProgram(program) : findProgram(program, process.env) !== undefined;
}
