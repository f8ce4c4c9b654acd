import { EventEmitter } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { GatewayError, reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { eachLine, LogLines } from "../../base/log-lines.ts";
import { Backend } from "../../proxy/backend.ts";
import { type ChildExit, type ChildProcesses, exitWithOutput, type TetheredChild } from "../../system/child-process.ts";
import { endProcesses, treeOf } from "../../system/process-tree.ts";
import { type FailedExtension, lastComplaint } from "../extensions/failed-extensions.ts";
import { listDamage, missingExtensions, type WantedExtension } from "../extensions/missing-extensions.ts";
import type { IdeServer } from "../install/ide-server.ts";
import { withoutBuiltins } from "./environment.ts";
import {
  endInWords,
  type IdeAddress,
  installArguments,
  installBuiltinArguments,
  type LaunchConfig,
  serverArguments,
} from "./launch.ts";
import { checkWorkspace } from "./workspace.ts";

export type IdeState = "starting" | "ready" | "failed" | "stopped";

export interface IdeStatus {
  readonly state: IdeState;
  /** What goes on, in words. */
  readonly phase: string;
  /** How often it was started again since we started. */
  readonly restarts: number;
  /** The last lines of its log. */
  readonly log: string[];
  /** What the settings name and the last start could not install. */
  readonly failed_extensions: FailedExtension[];
}

/** All in milliseconds but `crashes`; tests shorten them. */
export interface IdeTiming {
  /** Waits before a restart: the first, then doubled up to the longest. */
  readonly firstWait: number;
  readonly maxWait: number;
  /** After so long in service a death counts as the first again. */
  readonly stableAfter: number;
  /** So many deaths within the window are a crash loop. */
  readonly crashes: number;
  readonly crashWindow: number;
  /** Between SIGTERM and SIGKILL. */
  readonly grace: number;
  /** Until it must answer; slow network disks need long. */
  readonly startLimit: number;
  /** For one extension. */
  readonly installLimit: number;
}

const defaultTiming: IdeTiming = {
  firstWait: 1000,
  maxWait: 30_000,
  stableAfter: 60_000,
  crashes: 5,
  crashWindow: 120_000,
  grace: 3000,
  startLimit: 120_000,
  installLimit: 300_000,
};

const readinessInterval = 100;

export interface IdeProcessConfig extends LaunchConfig {
  readonly ideListen: "unix" | { readonly host: string; readonly port: number };
  /** Installed before the first start, where they are missing. */
  readonly extensions: readonly string[];
}

/** What is found only once it is known which server starts. */
export interface Preparation {
  /** Ids of built-in extensions to leave out. */
  readonly skippedBuiltins?: readonly string[];
  /** Extensions to install before, besides those of the settings. */
  readonly extensions?: readonly string[];
  /** A .vsix to install before as a built-in, whatever of it is there. */
  readonly builtin?: string;
}

export interface IdeProcessOptions {
  readonly config: IdeProcessConfig;
  readonly children: ChildProcesses;
  /** Looks at the IDE server before the first start and each restart on request; what it returns or throws is shown. */
  readonly inspect: () => Promise<IdeServer | GatewayError>;
  /** Of the unix socket, in a private (0700) folder. */
  readonly socketPath: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Its limit on file locks, and that of everything it starts. */
  readonly lockLimit?: bigint | undefined;
  /** Options for its command line besides the usual ones. */
  readonly serverArguments?: readonly string[];
  /** Called once the data folder is there, before the first start and each restart on request; what it throws is shown. */
  readonly prepare?: (server: IdeServer) => Promise<Preparation>;
  readonly logger: Logger;
  readonly timing?: Partial<IdeTiming>;
}

/** An IDE server as our child: started, watched, restarted with back-off, ended with all it started (RULES R22). */
export class IdeProcess extends EventEmitter<{ change: [] }> {
  readonly backend: Backend;
  readonly #address: IdeAddress;
  readonly #options: IdeProcessOptions;
  readonly #timing: IdeTiming;
  readonly #lines = new LogLines();
  #state: IdeState = "stopped";
  #phase = "not started";
  #error: GatewayError | undefined;
  #server: IdeServer | undefined;
  #preparation: Preparation = {};
  #failed: FailedExtension[] = [];
  #deaths: number[] = [];
  #starts = 0;
  #stopping = new AbortController();
  #supervision: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;

  constructor(options: IdeProcessOptions) {
    super();
    const { ideListen } = options.config;
    // Any number of requests may wait for it.
    this.setMaxListeners(0);
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#address = ideListen === "unix" ? { socketPath: options.socketPath } : ideListen;
    this.backend = new Backend("the IDE server", this.#address);
  }

  get status(): IdeStatus {
    return {
      state: this.#state,
      phase: this.#phase,
      restarts: Math.max(0, this.#starts - 1),
      log: [...this.#lines.lines],
      failed_extensions: [...this.#failed],
    };
  }

  /** Why it failed; undefined in every other state. */
  get error(): GatewayError | undefined {
    return this.#error;
  }

  /** What was found at the last start; undefined before, and where there is none that can run. */
  get server(): IdeServer | undefined {
    return this.#server;
  }

  /** Starts it in the background; `change` events tell the rest. Does nothing if it is running already. */
  start(): void {
    if (this.#supervision) return;
    this.#stopping = new AbortController();
    this.#deaths = [];
    this.#enter("starting", "looking for the IDE server");
    this.#supervision = this.#supervise(this.#stopping.signal).finally(() => {
      this.#supervision = undefined;
    });
  }

  /** Ends it and starts afresh, also out of `failed`. One restart at a time: a second request joins the first. */
  restart(): Promise<void> {
    this.#restarting ??= this.#stop().then(() => {
      this.#restarting = undefined;
      this.start();
    });
    return this.#restarting;
  }

  /** Ends it and everything it started, and our connections to it. */
  async close(): Promise<void> {
    await this.#restarting;
    await this.#stop();
    this.#enter("stopped", "stopped");
    await this.backend.close();
    // One that was killed leaves it behind.
    if ("socketPath" in this.#address) await rm(this.#address.socketPath, { force: true });
  }

  /** Resolves once it answers. Throws the reason once it has failed, IDE_FAILED when it was stopped. */
  async whenReady(): Promise<void> {
    while (this.#state !== "ready") {
      if (this.#error) throw this.#error;
      if (this.#state === "stopped") throw new GatewayError("IDE_FAILED", { reason: "it is stopped." });
      await new Promise<void>((resolve) => this.once("change", resolve));
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#supervision;
  }

  async #supervise(stopping: AbortSignal): Promise<void> {
    try {
      const server = await this.#prepare(stopping);
      for (let wait = this.#timing.firstWait; !stopping.aborted; ) {
        const { exit, servedFor } = await this.#live(server, stopping);
        if (stopping.aborted) return;
        if (servedFor >= this.#timing.stableAfter) wait = this.#timing.firstWait;
        this.#noteDeath(exit);
        this.#enter("starting", `starting again in ${Math.ceil(wait / 1000)} s, since it ${endInWords(exit)}`);
        await delay(wait, undefined, { signal: stopping, ref: false });
        wait = Math.min(wait * 2, this.#timing.maxWait);
      }
    } catch (error) {
      if (!stopping.aborted) this.#fail(error);
    }
  }

  async #prepare(stopping: AbortSignal): Promise<IdeServer> {
    const { workspace, dataFolder } = this.#options.config;
    this.#server = undefined;
    const server = await this.#options.inspect();
    if (server instanceof GatewayError) throw server;
    this.#server = server;
    await checkWorkspace(workspace);
    try {
      await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new GatewayError("DATA_FOLDER_UNUSABLE", { folder: dataFolder, reason: reasonOf(error) }, { cause: error });
    }
    this.#preparation = (await this.#options.prepare?.(server)) ?? {};
    await this.#installExtensions(server, stopping);
    return server;
  }

  async #installExtensions(server: IdeServer, stopping: AbortSignal): Promise<void> {
    const { dataFolder, extensions } = this.#options.config;
    const { builtin, extensions: further = [] } = this.#preparation;
    this.#failed = [];
    const damage = await listDamage(dataFolder);
    if (damage !== undefined) {
      this.#failed = [...extensions].map((name) => ({ name, reason: damage }));
      const advice = "Nothing is installed, so that the file stays as it is: mend it, or delete it.";
      this.#note(`${damage}. ${advice}`);
      this.#options.logger.warn({ reason: damage }, advice);
      return;
    }
    const names = [...extensions, ...further];
    const missing: (WantedExtension & { builtin?: true })[] = await missingExtensions(names, dataFolder);
    if (builtin !== undefined) missing.unshift({ name: builtin, builtin: true });
    for (const [index, wanted] of missing.entries()) {
      if (stopping.aborted) return;
      const { name, problem } = wanted;
      this.#enter("starting", `installing extension ${name} (${index + 1} of ${missing.length})`);
      const install = wanted.builtin ? installBuiltinArguments : installArguments;
      const failure = problem ?? (await this.#runInstall(server, install(name, dataFolder), stopping));
      if (failure === undefined || stopping.aborted) continue;
      // The IDE is worth more than one of its extensions: say so, and go on.
      this.#note(`The extension ${name} could not be installed: ${failure}`);
      this.#failed.push({ name, reason: failure });
      this.#options.logger.warn({ extension: name, reason: failure }, "an extension could not be installed");
    }
  }

  async #runInstall(server: IdeServer, install: readonly string[], stopping: AbortSignal): Promise<string | undefined> {
    const child = this.#launch(server, install);
    const said = lastComplaint(child.stderr);
    const limit = AbortSignal.timeout(this.#timing.installLimit);
    await this.#untilExit(child, AbortSignal.any([stopping, limit]));
    const exit = await exitWithOutput(child);
    const end = limit.aborted ? `it took longer than ${this.#timing.installLimit / 1000} s` : `it ${endInWords(exit)}`;
    return exit.code === 0 ? undefined : [end, ...said()].join(": ");
  }

  /** One life of the server, from its start to its end. */
  async #live(server: IdeServer, stopping: AbortSignal): Promise<{ exit: ChildExit; servedFor: number }> {
    if ("socketPath" in this.#address) await rm(this.#address.socketPath, { force: true });
    else await refuseBusyPort(this.#address);
    this.#starts += 1;
    this.#enter("starting", "starting the IDE server");
    const { config, serverArguments: further } = this.#options;
    const child = this.#launch(server, serverArguments(server, this.#address, config, further));
    const over = new AbortController();
    const tooSlow = new AbortController();
    let readyAt: number | undefined;
    const readiness = this.#untilReady(AbortSignal.any([over.signal, stopping])).then((ready) => {
      if (ready) {
        readyAt = performance.now();
        this.#options.logger.info({ pid: child.pid }, "the IDE server is ready");
        this.#enter("ready", "ready");
      } else if (!over.signal.aborted && !stopping.aborted) {
        this.#note(`The IDE server did not answer within ${this.#timing.startLimit / 1000} s.`);
        tooSlow.abort();
      }
    });
    const exit = await this.#untilExit(child, AbortSignal.any([stopping, tooSlow.signal]));
    over.abort();
    await readiness;
    return { exit, servedFor: readyAt === undefined ? 0 : performance.now() - readyAt };
  }

  #launch(server: IdeServer, serverArgumentList: readonly string[]): TetheredChild {
    const { environment, config, lockLimit, children } = this.#options;
    const child = children.spawn(server.node, [server.mainScript, ...serverArgumentList], {
      workingFolder: config.workspace,
      environment: withoutBuiltins(environment, this.#preparation.skippedBuiltins ?? []),
      lockLimit,
    });
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, (line) => this.#note(line));
    return child;
  }

  /** Waits until it ends by itself, or ends it when the signal comes. Either way nothing of it is left. */
  async #untilExit(child: TetheredChild, signal: AbortSignal): Promise<ChildExit> {
    const asked = Promise.withResolvers<void>();
    const ask = () => asked.resolve();
    signal.addEventListener("abort", ask, { once: true });
    if (signal.aborted) ask();
    const running = await Promise.race([child.exited.then(() => false), asked.promise.then(() => true)]);
    signal.removeEventListener("abort", ask);
    // Shells in terminals are sessions of their own, and may ignore that their terminal is gone.
    const { pid: group } = child;
    const outside = running && group !== undefined ? treeOf(group).filter((one) => one.group !== group) : [];
    const [left] = await Promise.all([
      endProcesses(outside, "SIGHUP", this.#timing.grace),
      child.terminate(this.#timing.grace),
    ]);
    if (left.length > 0) this.#options.logger.error({ pids: left.map(({ pid }) => pid) }, "processes cannot be ended");
    return child.exited;
  }

  /** Asks until it answers; false if the signal or the limit came first. */
  async #untilReady(signal: AbortSignal): Promise<boolean> {
    const limit = performance.now() + this.#timing.startLimit;
    while (!signal.aborted && performance.now() < limit) {
      if (await this.#answers(signal)) {
        if ("socketPath" in this.#address) await chmod(this.#address.socketPath, 0o600);
        return true;
      }
      await delay(readinessInterval, undefined, { signal, ref: false }).catch(ignoreAbort);
    }
    return false;
  }

  /** `/version` is answered by every VS Code server, and wakes nothing else. */
  async #answers(signal: AbortSignal): Promise<boolean> {
    try {
      const options = { path: "/version", method: "GET", signal, headersTimeout: 5000, bodyTimeout: 5000 } as const;
      const { statusCode, body } = await this.backend.request(options);
      await body.dump();
      return statusCode === 200;
    } catch (error) {
      this.#options.logger.trace({ reason: reasonOf(error) }, "the IDE server does not answer yet");
      return false;
    }
  }

  #noteDeath(exit: ChildExit): void {
    const now = performance.now();
    const { crashes, crashWindow } = this.#timing;
    this.#deaths = [...this.#deaths.filter((at) => now - at < crashWindow), now];
    this.#note(`The IDE server ${endInWords(exit)}.`);
    this.#options.logger.warn({ reason: endInWords(exit), deaths: this.#deaths.length }, "the IDE server ended");
    if (this.#deaths.length < crashes) return;
    const reason = `it ended ${crashes} times within ${Math.ceil(crashWindow / 1000)} s; the last time it ${endInWords(exit)}.`;
    throw new GatewayError("IDE_FAILED", { reason });
  }

  #note(line: string): void {
    this.#lines.add(line);
    this.#options.logger.debug({ line }, "IDE server");
  }

  #fail(error: unknown): void {
    const known = error instanceof GatewayError ? error : new GatewayError("IDE_FAILED", { reason: reasonOf(error) });
    this.#options.logger.error({ err: error, action: known.action }, "the IDE server is not running");
    this.#enter("failed", known.message, known);
  }

  #enter(state: IdeState, phase: string, error?: GatewayError): void {
    if (this.#state === state && this.#phase === phase) return;
    this.#state = state;
    this.#phase = phase;
    this.#error = error;
    this.emit("change");
  }
}

/** Else a stranger's answer on that port would pass for our server's. */
async function refuseBusyPort({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  const busy = await new Promise<boolean>((resolve) => {
    const socket = connect(port, host);
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });
  if (busy) throw new GatewayError("IDE_PORT_BUSY", { host, port });
}

function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== "AbortError") throw error;
}
