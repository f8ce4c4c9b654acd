import type { StoredApp } from "@waiide/protocol";
import type { AppState } from "../../apps/app.ts";
import type { Apps } from "../../apps/apps.ts";
import type { Ports } from "../../apps/ports.ts";
import { GatewayError } from "../../base/errors.ts";
import { Backend } from "../../proxy/backend.ts";
import type { Destination } from "../../proxy/destination.ts";
import { loopbackAddresses } from "../../system/ports.ts";
import type { AppCondition } from "../records/view.ts";
import { commandLineOf, isSameProgram, type Listener, type ListeningPrograms } from "./listening-program.ts";

/** Where a path of a shared app leads. */
export interface Located extends Pick<Destination, "backend" | "target" | "requestHeaders"> {
  /** To be called when the request or socket has ended. */
  readonly release: () => void;
}

/** The app of one share. */
export interface AppTarget {
  /** The path that the app knows as its own, which its texts may contain; begins and ends with `/`. */
  readonly base: string;
  /** Whether the app expects that path in requests. */
  readonly keepsBase: boolean;
  condition(): AppCondition;
  /**
   * @param path below the app, begins with `/`
   * @param by the guest who asks, for the audit
   * @throws GatewayError SHARED_APP_STOPPED, SHARED_APP_PAUSED, APP_FAILED
   */
  locate(path: string, query: string, by: string): Located | Promise<Located>;
  /** Starts it, where guests may. @param by the guest who asks, for the audit @throws GatewayError */
  start(by: string): Promise<void>;
  close(): Promise<void>;
}

const nothingListens = (port: number) => `nothing listens on port ${port}`;
const ready: AppCondition = { state: "ready", reason: "" };

export interface PortTargetParts {
  readonly ports: Pick<Ports, "guard">;
  readonly programs: ListeningPrograms;
  readonly title: string;
  readonly baseUrl: string;
  /** Whether a program may be shared at all. */
  readonly refusal: (listener: Listener) => string | undefined;
  /** Another program of the owner listens: the owner is asked. */
  readonly onPaused: (program: string) => void;
}

/** A program on a port. It is judged at each connection: only the one that was shared gets requests (RULES R31). */
export class PortTarget implements AppTarget {
  readonly base: string;
  readonly keepsBase = false;
  readonly #app: StoredApp & { readonly port: number };
  readonly #parts: PortTargetParts;
  readonly #backend: Backend;

  constructor(app: StoredApp & { readonly port: number }, parts: PortTargetParts) {
    const { port } = app;
    this.base = `${parts.baseUrl}proxy/${port}/`;
    this.#app = app;
    this.#parts = parts;
    const permitted = parts.ports.guard.lookup(loopbackAddresses, port);
    this.#backend = new Backend(`port ${port}`, {
      port,
      lookup: (name, options, callback) => {
        const refusal = this.#refusal();
        if (refusal === undefined) permitted(name, options, callback);
        else callback(refusal, []);
      },
    });
  }

  condition(): AppCondition {
    const { port, program } = this.#app;
    const found = this.#parts.programs.on(port);
    if (found.kind === "nobody") return { state: "stopped", reason: nothingListens(port) };
    const refusal = this.#parts.refusal(found);
    if (refusal !== undefined) return { state: "stopped", reason: refusal };
    if (found.kind !== "program") return { state: "stopped", reason: "its program cannot be told apart from others" };
    if (program !== null && isSameProgram(found.program, program)) return ready;
    this.#parts.onPaused(commandLineOf(found.program));
    return { state: "paused", reason: "another program listens on its port" };
  }

  locate(path: string, query: string): Located {
    return { backend: this.#backend, target: path + query, release: () => undefined };
  }

  start(): Promise<void> {
    return Promise.reject(stoppedError(this.#parts.title, "only its owner can start it"));
  }

  close(): Promise<void> {
    return this.#backend.close();
  }

  #refusal(): GatewayError | undefined {
    const { state, reason } = this.condition();
    const { title } = this.#parts;
    if (state === "paused") return new GatewayError("SHARED_APP_PAUSED", { title });
    return state === "ready" ? undefined : stoppedError(title, reason);
  }
}

/** An app of the configuration, which the gateway starts. */
export class ConfiguredTarget implements AppTarget {
  readonly base: string;
  readonly keepsBase: boolean;
  readonly #name: string;
  readonly #apps: Apps;
  readonly #title: string;
  readonly #guestsStart: boolean;
  readonly #onStart: (by: string) => void;
  #isStarting = false;

  /** @param onStart told which guest has started it */
  constructor(
    { name, guestsStart }: { readonly name: string; readonly guestsStart: boolean },
    apps: Apps,
    onStart: (by: string) => void,
  ) {
    const described = apps.describe(name);
    this.#name = name;
    this.#apps = apps;
    this.#guestsStart = guestsStart;
    this.#onStart = onStart;
    this.#title = described?.title ?? name;
    this.base = described?.isTold === true ? described.prefix : "/";
    this.keepsBase = described?.keepsPrefix === true;
  }

  condition(): AppCondition {
    const state = this.#apps.state(this.#name);
    return state === undefined ? { state: "stopped", reason: "it is not configured any more" } : conditions[state];
  }

  async locate(path: string, query: string, by: string): Promise<Located> {
    const release = this.#apps.opened(this.#name);
    try {
      await this.start(by);
      const request = { name: this.#name, rest: path, query, fullPath: `/apps/${this.#name}${path}` };
      const { backend, target, requestHeaders } = await this.#apps.resolve(request);
      return { backend, target, release, ...(requestHeaders === undefined ? {} : { requestHeaders }) };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Asking for an app starts it, which is not every guest's to decide. */
  async start(by: string): Promise<void> {
    const { state, reason } = this.condition();
    if (state === "ready") return;
    const isConfigured = this.#apps.state(this.#name) !== undefined;
    if (!isConfigured || (state !== "starting" && !this.#guestsStart)) throw stoppedError(this.#title, reason);
    const isFirst = !this.#isStarting;
    this.#isStarting = true;
    await this.#apps.start(this.#name).finally(() => {
      this.#isStarting = false;
    });
    if (isFirst && state !== "starting") this.#onStart(by);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const conditions: Readonly<Record<AppState, AppCondition>> = {
  stopped: { state: "stopped", reason: "nobody has started it" },
  starting: { state: "starting", reason: "it is starting" },
  failed: { state: "failed", reason: "it ended, or did not start" },
  ready,
};

function stoppedError(title: string, reason: string): GatewayError {
  return new GatewayError("SHARED_APP_STOPPED", { title, reason });
}
