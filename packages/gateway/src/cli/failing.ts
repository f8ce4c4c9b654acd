import { hasCode } from "../base/error-code.ts";
import { GatewayError, reasonOf } from "../base/errors.ts";

/** Lines of a stack that are shown. */
const maxFrames = 6;

/**
 * Prints uncaught errors, also before there is a log. Node would print the line of code that threw, which in a bundle is
 * all of the code.
 */
export function sayFailures(): void {
  process.on("uncaughtException", (error: unknown) => {
    process.stderr.write(describeFailure(error), () => process.exit(exitCodeOf(error)));
  });
  endWithReader(process.stdout);
  // Nobody reads standard error any more; a server continues without it.
  process.stderr.on("error", ignoreBrokenPipe);
}

/** An error as the command prints it. */
export function describeFailure(error: unknown): string {
  if (error instanceof GatewayError) return `waiide: ${error.message}\n  ${error.action} (${error.code})\n`;
  const frames = (error instanceof Error ? (error.stack ?? "") : "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, maxFrames)
    .map((line) => `  ${line.trim().slice(0, 200)}\n`);
  return `waiide: unexpected error: ${reasonOf(error).slice(0, 1_000)}\n${frames.join("")}  This is a fault in WAIIDE; please report it with these lines. (INTERNAL)\n`;
}

export function exitCodeOf(error: unknown): number {
  return error instanceof GatewayError ? error.exit : 1;
}

/** `waiide … | head -1`: the reader has closed the pipe. A server shuts down; other commands exit at once. */
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: Error) => {
    if (!hasCode(error, "EPIPE")) throw error;
    if (process.listenerCount("SIGTERM") > 0) process.kill(process.pid, "SIGTERM");
    else process.exit(process.exitCode ?? 0);
  });
}

function ignoreBrokenPipe(error: Error): void {
  if (!hasCode(error, "EPIPE")) throw error;
}
