import { randomInt } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { reasonOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { AppSettings } from "../config/settings/apps.ts";
import { Backend } from "../proxy/backend.ts";
import { type ChildExit, type ChildProcesses, exitWithOutput } from "../system/child-process.ts";
import { findFreePort, isPortFree, loopbackAddresses } from "../system/ports.ts";
import type { AddressGuard } from "./address-guard.ts";
import { LastLines } from "./last-lines.ts";
import { fillRecord, fillTemplate, type TemplateFields, usesField } from "./template.ts";

/** What an app needs to run; the same for all its runs. */
export interface AppSetup {
  readonly name: string;
  readonly settings: AppSettings;
  /** Where the browser sees it; begins and ends with `/`. */
  readonly prefix: string;
  /** A private folder for unix sockets. */
  readonly runtimeFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workspace: string;
  readonly logger: Logger;
  readonly guard: AddressGuard;
  readonly children: ChildProcesses;
}

/** Given each process of a start, before it is ready. */
export type OnLaunch = (app: AppProcess) => void;

/** Where an app answers, and what it wants to be told. */
export interface AppBackend {
  readonly backend: Backend;
  readonly requestHeaders: Readonly<Record<string, string>>;
}

/** One running app. */
export interface AppProcess extends AppBackend {
  readonly exited: Promise<ChildExit>;
  /** The last lines it wrote, oldest first. */
  lastOutput(): readonly string[];
  /** Ends it with everything in its process group, and its connections. May be called again. */
  stop(): Promise<void>;
}

export const defaultTimeout = 30;
/** Between SIGTERM and SIGKILL. Milliseconds. */
const stopGrace = 3_000;
const firstPollInterval = 25;
const maxPollInterval = 250;
/** An app that takes a request and never answers it while it starts is asked again. Milliseconds. */
const attemptTimeout = 5_000;
const maxPortAttempts = 3;

/** Sockets in the private folder have random numbers below this one; their paths must stay short. */
const socketNumbers = 10_000_000;

/** Why an app does not run, with what it wrote last. The message ends no sentence: it has no full stop. */
export class AppFailure extends Error {
  readonly output: readonly string[];

  constructor(reason: string, output: readonly string[], options?: ErrorOptions) {
    super(reason, options);
    this.output = output;
  }
}

/** It ended before it was ready, which is worth another attempt where its port was taken meanwhile. */
class EndedEarlyError extends Error {}

/**
 * Starts an app and waits until it is ready.
 * @throws AppFailure, or GatewayError PORT_REFUSED; nothing is left running then
 */
export async function startApp(setup: AppSetup, signal: AbortSignal, onLaunch: OnLaunch): Promise<AppProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const fields = await chooseAddress(setup);
    const app = launch(setup, fields);
    onLaunch(app);
    try {
      await untilReady(setup, app, signal);
      return app;
    } catch (error) {
      await app.stop();
      signal.throwIfAborted();
      const mayRetry = error instanceof EndedEarlyError && fields.port !== 0 && setup.settings.port === undefined;
      if (mayRetry && attempt < maxPortAttempts && !(await isPortFree(fields.port))) continue;
      throw new AppFailure(reasonOf(error), app.lastOutput(), { cause: error });
    }
  }
}

/** Where an app listens that somebody else starts; nothing is checked but its port. */
export function connectApp(setup: AppSetup): AppBackend {
  const { settings, prefix, guard } = setup;
  const unixSocket = typeof settings.unix_socket === "string" ? settings.unix_socket : "";
  const port = unixSocket === "" ? (settings.port ?? 0) : 0;
  const fields = { port, unix_socket: unixSocket, base_url: prefix };
  return {
    backend: backendOf(setup.name, fields, guard),
    requestHeaders: fillRecord(settings.request_headers, fields),
  };
}

async function chooseAddress({ settings, prefix, runtimeFolder, guard }: AppSetup): Promise<TemplateFields> {
  const texts = [...(settings.command ?? []), ...Object.values(settings.environment ?? {})];
  const implied = usesField(texts, "unix_socket") && !usesField(texts, "port") && settings.port === undefined;
  const unixSocket = settings.unix_socket ?? implied;
  if (typeof unixSocket === "string") return { port: 0, unix_socket: unixSocket, base_url: prefix };
  if (unixSocket) {
    return { port: 0, unix_socket: join(runtimeFolder, `app-${randomInt(socketNumbers)}.sock`), base_url: prefix };
  }
  const port = settings.port ?? (await findFreePort());
  for (const address of loopbackAddresses) guard.check(address, port);
  return { port, unix_socket: "", base_url: prefix };
}

function backendOf(name: string, fields: TemplateFields, guard: AddressGuard): Backend {
  const label = `the app “${name}”`;
  if (fields.unix_socket !== "") return new Backend(label, { socketPath: fields.unix_socket });
  return new Backend(label, { port: fields.port, lookup: guard.lookup(loopbackAddresses, fields.port) });
}

function launch(setup: AppSetup, fields: TemplateFields): AppProcess {
  const { name, settings, runtimeFolder } = setup;
  const [program = "", ...args] = (settings.command ?? []).map((text) => fillTemplate(text, fields));
  const child = setup.children.spawn(program, args, {
    workingFolder: setup.workspace,
    environment: { ...setup.environment, ...fillRecord(settings.environment, fields) },
  });
  const logger = setup.logger.child({ app: name });
  logger.info({ pid: child.pid, port: fields.port || undefined }, "app starts");
  const output = new LastLines((line) => logger.debug(line));
  output.follow(child.stdout);
  output.follow(child.stderr);
  const backend = backendOf(name, fields, setup.guard);
  const ownSocket = fields.unix_socket.startsWith(`${runtimeFolder}/`) ? fields.unix_socket : undefined;
  return {
    backend,
    requestHeaders: fillRecord(settings.request_headers, fields),
    exited: exitWithOutput(child, [child.stdout, child.stderr]),
    lastOutput: () => output.last(),
    async stop() {
      await Promise.all([child.terminate(stopGrace), backend.close()]);
      if (ownSocket !== undefined) await rm(ownSocket, { force: true });
    },
  };
}

async function untilReady(setup: AppSetup, app: AppProcess, signal: AbortSignal): Promise<void> {
  const { settings } = setup;
  const stop = new AbortController();
  const ended = app.exited.then((exit) => {
    throw new EndedEarlyError(reasonOfExit(exit, settings.command?.[0] ?? ""));
  });
  try {
    await Promise.race([ended, pollUntilReady(setup, app, AbortSignal.any([signal, stop.signal]))]);
  } finally {
    stop.abort();
  }
}

/** Asks until it answers below 500. @throws Error once the time is over or the signal says stop */
async function pollUntilReady({ settings, prefix }: AppSetup, app: AppProcess, signal: AbortSignal): Promise<void> {
  const path = settings.ready_path ?? "/";
  const target = settings.absolute_url ? prefix + path.slice(1) : path;
  const timeout = settings.timeout ?? defaultTimeout;
  const deadline = performance.now() + timeout * 1_000;
  let interval = firstPollInterval;
  let answer: string | undefined;
  for (;;) {
    const left = Math.max(1, Math.ceil(deadline - performance.now()));
    const tooLate = AbortSignal.timeout(Math.min(left, attemptTimeout));
    const last = await ask(app, target, AbortSignal.any([signal, tooLate]));
    if (last === "ready") return;
    signal.throwIfAborted();
    // What the deadline cut off says less of the reason than the answer before it.
    const isCutOff = tooLate.aborted && left < attemptTimeout;
    if (!isCutOff || answer === undefined) answer = last;
    if (performance.now() + interval >= deadline) {
      throw new Error(`it did not get ready within ${timeout} seconds: GET ${target}: ${answer}`);
    }
    await delay(interval, undefined, { signal });
    interval = Math.min(interval * 1.5, maxPollInterval);
  }
}

/** @returns `ready`, or why not yet */
async function ask({ backend, requestHeaders }: AppBackend, path: string, signal: AbortSignal): Promise<string> {
  try {
    const { statusCode, body } = await backend.request({
      method: "GET",
      path,
      headers: requestHeaders,
      signal,
    });
    await body.dump({ limit: 0 });
    return statusCode < 500 ? "ready" : `it answered ${statusCode}`;
  } catch (error) {
    return reasonOf(error);
  }
}

/** What to tell of a program that ended. */
export function reasonOfExit({ code, signal, error }: ChildExit, program: string): string {
  if (error !== undefined) return reasonOf(error);
  if (signal !== null) return `it was ended by ${signal}`;
  if (code === 127) return `“${program}” was not found, or is not a program`;
  if (code === 126) return `“${program}” may not be executed`;
  return `it ended with exit code ${code}`;
}
