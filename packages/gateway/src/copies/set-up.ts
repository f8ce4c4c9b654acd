import type { CopyRun } from "@waiide/protocol";

/** Longer ones are cut where they are shown. Characters. */
const maxCommand = 2_000;

/**
 * The commands that “Set up” may run: those that prepare the folder once, and only what can be shown exactly as a terminal gets it.
 */
export function runnable(runs: readonly CopyRun[]): string[] {
  const commands = runs.filter(({ offered }) => offered).map(({ command }) => command);
  return commands.every(isPlain) ? commands : [];
}

/** A control character would be a key press, and others look like nothing or like something else. */
function isPlain(command: string): boolean {
  return command.trim() !== "" && command.length < maxCommand && !/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(command);
}
