import { counted } from "@waiide/protocol";
import type { Finding } from "../base/finding.ts";
import { loadConfig } from "../config/config.ts";
import type { ConfigInputs } from "../config/inputs.ts";
import { runChecks } from "./checks.ts";

const marks = { ok: "✓", warning: "!", problem: "✗" } as const;

/** “waiide doctor”: prints every check, and what to do. Exit code 1 if there is a problem, 0 with warnings only. */
export async function doctor(inputs: ConfigInputs, json: boolean): Promise<void> {
  const findings = await runChecks(loadConfig(inputs));
  const problems = findings.filter(({ result }) => result === "problem").length;
  process.stdout.write(json ? `${JSON.stringify({ problems, findings }, undefined, 2)}\n` : describe(findings));
  process.exitCode = problems === 0 ? 0 : 1;
}

/** The findings as text. */
export function describe(findings: readonly Finding[]): string {
  const problems = findings.filter(({ result }) => result === "problem").length;
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, result, message, action }) => [
    `${marks[result]} ${check.padEnd(width)}  ${message}`,
    ...(action === undefined ? [] : [`${" ".repeat(width + 4)}→ ${action}`]),
  ]);
  const warnings = findings.filter(({ result }) => result === "warning").length;
  return `${lines.join("\n")}\n\n${counted(problems, "problem")}, ${counted(warnings, "warning")}.\n`;
}
