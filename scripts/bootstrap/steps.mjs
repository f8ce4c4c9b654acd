// Shows the steps of the scripts while they run, and explains their failures. Runs on Node 20 without any dependency; the
// TypeScript of the other folders uses it, too.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const repository = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** The programs that npm installed come first on PATH: its Node 24 runs everything after `npm ci`. */
export const environment = {
  ...process.env,
  PATH: `${join(repository, "node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}`,
};

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Time between redraws on a terminal. Milliseconds. */
const redrawInterval = 100;

/** A signal that repeats within this time is the same one by another way. Milliseconds. */
const repeatInterval = 300;

/** How much of a command's output is kept to explain its failure. Characters. */
const outputKept = 16_384;

/** A failure that tells people what to do about it. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} advice
   */
  constructor(message, advice) {
    super(message);
    this.name = "SetupError";
    this.advice = advice;
  }
}

/**
 * Shows a step while it runs: a spinner on a terminal, a line at its beginning and end elsewhere.
 * @template Result
 * @param {string} title
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function step(title, work) {
  const output = process.stderr;
  const started = performance.now();
  const seconds = () => Math.floor((performance.now() - started) / 1000);
  let frame = 0;
  const draw = () => {
    frame = (frame + 1) % spinner.length;
    output.write(`\r\x1b[K${spinner[frame]} ${title} … ${seconds()} s`);
  };
  const timer = output.isTTY ? setInterval(draw, redrawInterval) : undefined;
  if (!output.isTTY) output.write(`${title} …\n`);
  let outcome = "failed";
  try {
    const result = await work();
    outcome = "done";
    return result;
  } finally {
    clearInterval(timer);
    output.write(`${output.isTTY ? "\r\x1b[K" : ""}${title}: ${outcome} (${seconds()} s)\n`);
  }
}

/**
 * @typedef {object} CommandResult
 * @property {number} code exit code; 128 + the signal's number as shells have it, 127 if it could not be started
 * @property {string} output the last of what it printed, if it was not shown
 */

/** @type {Readonly<Record<string, number>>} */
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Runs a command in the repository; shows its output, or keeps it. Passes our signals on, once: the command runs in its own
 * process group, which a terminal's Ctrl-C does not reach, and npm repeats a signal that the terminal has sent us already.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ show?: boolean, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<CommandResult>}
 */
export function run(command, args, { show = false, env = environment, cwd = repository } = {}) {
  return new Promise((resolve) => {
    /** @type {Map<string, number>} */
    const passedOn = new Map();
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      const now = performance.now();
      if (now - (passedOn.get(signal) ?? Number.NEGATIVE_INFINITY) < repeatInterval) return;
      passedOn.set(signal, now);
      child.kill(signal);
    };
    const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
    // Before the command starts: a signal in between would end us and leave the command behind.
    for (const signal of signals) process.on(signal, forward);
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: show ? "inherit" : ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk) => {
        output = (output + chunk).slice(-outputKept);
      });
    }
    /** @param {number} code */
    const end = (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve({ code, output });
    };
    child.once("error", (error) => {
      output += error.message;
      end(127);
    });
    child.once("close", (code, signal) => end(code ?? 128 + (signalNumbers[signal ?? ""] ?? 0)));
  });
}

/**
 * Runs a script's main function; prints a failure in plain words and turns it into the exit code.
 * @param {() => Promise<number>} main
 */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}\n→ ${error.advice}`);
    process.exitCode = 1;
  }
}
