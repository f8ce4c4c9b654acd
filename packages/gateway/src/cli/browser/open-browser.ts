import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { reasonOf } from "../../base/errors.ts";
import { html } from "../../http/pages/html.ts";
import { childEnvironment } from "../../ide/server/environment.ts";
import { findProgram } from "../../system/programs.ts";

export interface OpenBrowserOptions {
  readonly address: string;
  /** The address is a secret, which command lines show to every user of the machine: the browser gets this file instead. */
  readonly secretFile?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
}

/**
 * Opens an address in a browser of this machine, which outlives us.
 * @returns why it was not opened; undefined if a program took it
 */
export async function openBrowser(options: OpenBrowserOptions): Promise<string | undefined> {
  const { address, secretFile, environment } = options;
  const [program, ...before] = commandOf(options) ?? [];
  if (program === undefined) return whyNone(options);
  const target = secretFile === undefined ? address : await pageFile(secretFile, address);
  const filled = before.some((word) => word.includes("%s"));
  const words = filled ? before.map((word) => word.replaceAll("%s", target)) : [...before, target];
  const child = spawn(program, words, { detached: true, stdio: "ignore", env: childEnvironment(environment) });
  child.unref();
  return failureOf(child, program);
}

/** Some programs end when they have handed it over, others are the browser itself. */
async function failureOf(child: ChildProcess, program: string): Promise<string | undefined> {
  try {
    await once(child, "spawn");
  } catch (error) {
    return reasonOf(error);
  }
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.once("exit", (code) => resolve(code === 0 ? undefined : `${program} ended with ${code ?? "a signal"}`));
  setTimeout(resolve, handOver, undefined).unref();
  return promise;
}

/** Milliseconds. */
const handOver = 10_000;

/** `$BROWSER` holds several commands, separated by colons, as for xdg-open and Python. */
function commandOf({ environment, platform = process.platform }: OpenBrowserOptions): string[] | undefined {
  const own = (environment.BROWSER ?? "").split(":").map((command) => command.split(/\s+/).filter(Boolean));
  const usual = platform === "darwin" ? [["open"]] : hasScreen(environment) ? [["xdg-open"], ["wslview"]] : [];
  for (const [name = "", ...rest] of [...own, ...usual]) {
    const program = name.includes("/") || name === "" ? name : findProgram(name, environment);
    if (program) return [program, ...rest];
  }
  return undefined;
}

function hasScreen({ DISPLAY, WAYLAND_DISPLAY }: NodeJS.ProcessEnv): boolean {
  return Boolean(DISPLAY || WAYLAND_DISPLAY);
}

function whyNone({ environment }: OpenBrowserOptions): string {
  if (environment.BROWSER) return `no program of BROWSER (${environment.BROWSER}) is installed`;
  if (!hasScreen(environment)) return "there is no screen (DISPLAY and WAYLAND_DISPLAY are not set), and no BROWSER";
  return "there is no xdg-open, and BROWSER is not set";
}

/** A page that leads there, which only this user can read, as long as we run. */
async function pageFile(file: string, address: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await rm(file, { force: true });
  const { text } =
    html`<!doctype html><meta charset="utf-8"><title>WAIIDE</title><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${address}"><a href="${address}">Open WAIIDE</a>
`;
  await writeFile(file, text, { mode: 0o600, flag: "wx" });
  process.once("exit", () => rmSync(file, { force: true }));
  return file;
}
