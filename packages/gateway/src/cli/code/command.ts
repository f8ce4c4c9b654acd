import { existsSync } from "node:fs";
import type { Command } from "commander";

export const codeCommand = "code";

/** Adds “waiide code” to the help. Its arguments are VS Code's own, so `main` hands them over before anything reads them. */
export function registerCodeCommand(program: Command): void {
  program
    .command(codeCommand)
    .description("open files and folders in the running IDE: FILE…, -g FILE:LINE, -d FILE FILE, --wait FILE, FOLDER")
    .argument("[argument...]", "what VS Code's command “code” takes; “waiide code --help” lists it");
}

/** What to hand over to VS Code's command; undefined if the command line is another. */
export function codeArguments(given: readonly string[], commands: readonly string[]): readonly string[] | undefined {
  const [first = ""] = given;
  if (first === codeCommand) return given.slice(1);
  if (first === "" || first.startsWith("-") || commands.includes(first)) return undefined;
  return isFileName(first) ? given : undefined;
}

/** A word that names no file is a command with a typing error. */
function isFileName(word: string): boolean {
  return /[./]/.test(word) || existsSync(word);
}

export async function runCode(given: readonly string[]): Promise<void> {
  await (await import("./code-in-ide.ts")).openInIde(given);
}
