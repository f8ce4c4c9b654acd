import { type ExplainedSetting, loadConfig } from "../config/config.ts";
import type { ConfigInputs } from "../config/inputs.ts";

/** “waiide config”: prints every value in force with its source. */
export function printConfig(inputs: ConfigInputs, json: boolean): void {
  const { explained } = loadConfig(inputs);
  process.stdout.write(json ? `${JSON.stringify(explained, undefined, 2)}\n` : settingsInColumns(explained));
}

/** One line for each setting: name, value and origin. */
export function settingsInColumns(settings: readonly ExplainedSetting[]): string {
  const rows = settings.map(({ name, value, origin }) => [name, shown(value), origin] as const);
  const widths = [0, 1].map((column) => Math.min(60, Math.max(...rows.map((row) => row[column]?.length ?? 0))));
  return rows
    .map(([name, value, origin]) => `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${origin}\n`)
    .join("");
}

function shown(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
