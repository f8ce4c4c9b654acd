import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Figure } from "./figure.ts";
import type { RowName } from "./options.ts";

export interface Machine {
  readonly system: string;
  readonly kernel: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  /** Load average of the minute before the first row. */
  readonly loadBefore: number;
}

/** One row with what it was measured on: rows of one file may come from different runs. */
export interface RowResult {
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly rounds: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly commands: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
}

export type Results = Partial<Record<RowName, RowResult>>;

export function readResults(file: string): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : {};
}

export function writeResults(file: string, results: Results): void {
  // Three decimals are more than any figure deserves, and keep the file's differences readable.
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
}
