import { type ExplainedSetting, loadConfig } from "../config/config.ts";
import { type Setting, settings } from "../config/schema.ts";
import type { ConfigInputs } from "../config/sources.ts";

/** Prints every effective value with its source. Values that may hold secrets show as `***`. */
export function printConfig(inputs: ConfigInputs, json: boolean): void {
  const rows = loadConfig(inputs).explained.map((setting) => ({ ...setting, value: redacted(setting) }));
  process.stdout.write(json ? `${JSON.stringify(rows, undefined, 2)}\n` : formatTable(rows));
}

function redacted({ name, value }: ExplainedSetting): unknown {
  if ((settings[name] as Setting).secret && value !== undefined) return "***";
  if (name !== "apps") return value;
  // Environment and headers of apps are where their keys go.
  return JSON.parse(JSON.stringify(value), function (this: unknown, key: string, inner: unknown) {
    return key === "environment" || key === "request_headers" ? maskValues(inner) : inner;
  });
}

function maskValues(record: unknown): unknown {
  return Object.fromEntries(Object.keys(record as object).map((key) => [key, "***"]));
}

function formatTable(rows: readonly { name: string; value: unknown; origin: string }[]): string {
  const cells = rows.map(({ name, value, origin }) => [name, value === undefined ? "" : shown(value), origin] as const);
  const widths = [0, 1].map((column) => Math.min(60, Math.max(...cells.map((row) => row[column]?.length ?? 0))));
  return cells
    .map(([name, value, origin]) => `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${origin}\n`)
    .join("");
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
