import type { Services } from "@waiide/protocol";
import { GatewayError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { AppSettings } from "../config/settings/apps.ts";
import type { Destination } from "../proxy/destination.ts";
import type { ChildProcesses } from "../system/child-process.ts";
import { AddressGuard } from "./address-guard.ts";
import { App, type AppState } from "./app.ts";
import type { AppBackend } from "./app-process.ts";
import { checkApps } from "./check-apps.ts";
import type { CarriedServer } from "./packages/found-server.ts";
import { usesField } from "./template.ts";

export interface AppsOptions {
  readonly apps: Readonly<Record<string, AppSettings>>;
  readonly baseUrl: string;
  /** A private (0700) folder for unix sockets. */
  readonly runtimeFolder: string;
  /** What apps inherit; no secret of ours is in it any more (RULES R4). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workspace: string;
  readonly children: ChildProcesses;
  readonly logger: Logger;
  /** Keeps apps with a port of their own from being the gateway or the hub; that of `Ports`. */
  readonly guard?: AddressGuard;
  /** Finds the apps of packages, until the signal comes. Default: there are none. */
  readonly readPackages?: (signal: AbortSignal) => Promise<readonly CarriedServer[]>;
}

export interface AppRequest {
  readonly name: string;
  /** The path after the app's name, begins with `/`, as sent. */
  readonly rest: string;
  /** With its `?`, or empty. */
  readonly query: string;
  /** The whole path below the base URL, as sent. */
  readonly fullPath: string;
  /** Milliseconds until APP_STARTING is thrown while the app starts. Default: none. */
  readonly patience?: number;
}

/** What an app does at the moment. */
export interface AppReport {
  readonly state: AppState;
  readonly title: string;
  readonly log: string[];
}

/** An app in a list. */
export interface AppEntry {
  readonly name: string;
  readonly title: string;
  readonly state: AppState;
  /** Path with the base URL at which people open it. */
  readonly address: string;
  readonly inNewTab: boolean;
  /** Absolute path of its picture. */
  readonly icon: string | undefined;
}

/** An app as it is configured. */
export interface AppDescription {
  readonly title: string;
  /** Where its owner's browser sees it; begins and ends with `/`. */
  readonly prefix: string;
  /** Whether the app knows that prefix, and writes it into its pages. */
  readonly isTold: boolean;
  /** Whether requests come to the app with that prefix. */
  readonly keepsPrefix: boolean;
  /** Undefined: somebody else starts it. */
  readonly command: readonly string[] | undefined;
  /** Where it then listens; undefined: on a unix socket, or on a port that is chosen at its start. */
  readonly port: number | undefined;
  readonly startPath: string;
}

/** The apps of the configuration and of packages, under `/apps/<name>/`. */
export class Apps {
  readonly #baseUrl: string;
  readonly #apps: Map<string, App>;
  readonly #make: (name: string, settings: AppSettings) => App;
  readonly #logger: Logger;
  readonly #readPackages: AppsOptions["readPackages"];
  readonly #closing = new AbortController();
  #reading: Promise<void> | undefined;

  /** @throws GatewayError SETTING_INVALID for an app that could never run */
  constructor(options: AppsOptions) {
    const { apps, baseUrl, guard = new AddressGuard({ ownPort: () => 0 }), readPackages, ...shared } = options;
    checkApps(apps);
    this.#baseUrl = baseUrl;
    this.#logger = options.logger;
    this.#readPackages = readPackages;
    this.#make = (name, settings) => new App({ ...shared, name, settings, prefix: `${baseUrl}apps/${name}/`, guard });
    this.#apps = new Map(Object.entries(apps).map(([name, settings]) => [name, this.#make(name, settings)]));
  }

  /** Resolves once the apps of packages are there, too; the first call reads them. */
  complete(): Promise<void> {
    this.#reading ??= this.#addPackages();
    return this.#reading;
  }

  async #addPackages(): Promise<void> {
    const servers = (await this.#readPackages?.(this.#closing.signal)) ?? [];
    if (this.#closing.signal.aborted) return;
    for (const { name, settings, problems } of servers) {
      const isConfigured = this.#apps.has(name);
      if (settings !== undefined && !isConfigured) this.#apps.set(name, this.#make(name, settings));
      if (problems.length === 0 || isConfigured) continue;
      const what = settings === undefined ? "a package's app is left out" : "a package's app lacks something";
      this.#logger.warn({ app: name, problems }, what);
    }
  }

  async #find(name: string): Promise<App> {
    if (!this.#apps.has(name)) await this.complete();
    const app = this.#apps.get(name);
    if (app === undefined) throw new GatewayError("APP_UNKNOWN", { name, base: this.#baseUrl });
    return app;
  }

  /**
   * Where a request goes; starts the app if need be.
   * @throws GatewayError APP_UNKNOWN, APP_STARTING, APP_FAILED, PORT_REFUSED
   */
  async resolve(request: AppRequest): Promise<Destination> {
    const app = await this.#find(request.name);
    const { settings, prefix } = app.setup;
    const { backend, requestHeaders } = await withPatience(app, request.patience);
    const mapped = settings.mappath?.[request.rest];
    const prefixStripped = settings.absolute_url !== true;
    const path = prefixStripped
      ? (mapped ?? request.rest)
      : mapped === undefined
        ? this.#baseUrl + request.fullPath.slice(1)
        : prefix + mapped.slice(1);
    return { backend, target: path + request.query, prefix, prefixStripped, requestHeaders };
  }

  /** For `/api/services`, in the order of the configuration. */
  list(): Services["services"] {
    return [...this.#apps.values()].map(({ setup: { name, settings, prefix }, state }) => {
      return { name, title: settings.title ?? name, url: prefix, state };
    });
  }

  /** For lists that people open apps from, in the order of the configuration. */
  entries(): AppEntry[] {
    const listed = [...this.#apps.values()].filter(({ setup }) => setup.settings.listed !== false);
    return listed.map((app) => {
      const { name, settings, prefix } = app.setup;
      const { icon_path: icon, open_path: path = "/", new_browser_tab: inNewTab = true } = settings;
      return { name, title: titleOf(app), state: app.state, address: `${prefix}${path.slice(1)}`, inNewTab, icon };
    });
  }

  /** What sharing must know of an app; undefined: there is none of this name. */
  describe(name: string): AppDescription | undefined {
    const app = this.#apps.get(name);
    if (app === undefined) return undefined;
    const { settings, prefix } = app.setup;
    const texts = [...(settings.command ?? []), ...Object.values(settings.environment ?? {})];
    const keepsPrefix = settings.absolute_url === true;
    const isTold = keepsPrefix || usesField(texts, "base_url");
    const port = settings.unix_socket === undefined ? settings.port : undefined;
    return {
      title: titleOf(app),
      prefix,
      isTold,
      keepsPrefix,
      command: settings.command,
      port,
      startPath: settings.open_path ?? "/",
    };
  }

  /** Starts an app, or waits until it has started. @throws GatewayError APP_UNKNOWN, APP_FAILED, PORT_REFUSED */
  async start(name: string): Promise<AppBackend> {
    const app = this.#apps.get(name);
    if (app === undefined) throw new GatewayError("APP_UNKNOWN", { name, base: this.#baseUrl });
    return app.backend();
  }

  state(name: string): AppState | undefined {
    return this.#apps.get(name)?.state;
  }

  /** @throws GatewayError APP_UNKNOWN */
  report(name: string): AppReport {
    const app = this.#apps.get(name);
    if (app === undefined) throw new GatewayError("APP_UNKNOWN", { name, base: this.#baseUrl });
    return { state: app.state, title: titleOf(app), log: [...app.output] };
  }

  /**
   * To be called for each request and upgrade, before `resolve`.
   * @returns to be called when it has ended; the app may be stopped when none is left
   */
  opened(name: string): () => void {
    return this.#apps.get(name)?.opened() ?? (() => undefined);
  }

  /** Ends all apps with all their processes. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reading;
    await Promise.all([...this.#apps.values()].map((app) => app.close()));
  }
}

function titleOf({ setup }: App): string {
  return setup.settings.title ?? setup.name;
}

/** The start goes on, whoever waits for it. */
async function withPatience(app: App, patience: number | undefined): Promise<AppBackend> {
  const backend = app.backend();
  if (patience === undefined) return backend;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new GatewayError("APP_STARTING", { title: titleOf(app) })), patience);
  try {
    return await Promise.race([backend, promise]);
  } finally {
    clearTimeout(timer);
    // Who left does not hear of a failure; the next one who asks does.
    backend.catch(() => undefined);
  }
}
