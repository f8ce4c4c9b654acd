import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { IdePageHub, IdePageShare, Services } from "@waiide/protocol";
import type { Route } from "../access/routes.ts";
import { GatewayError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { isolate } from "../http/isolation.ts";
import { isRead } from "../http/methods.ts";
import { isNavigation, isReload } from "../http/navigation.ts";
import { proofSegment } from "../http/page-proof.ts";
import type { RequestContext } from "../http/request-context.ts";
import { startingPage } from "../pages/starting.ts";
import type { Destination } from "../proxy/destination.ts";
import type { Forward } from "../proxy/forward.ts";
import { proxyRequest } from "../proxy/http.ts";
import type { ChildProcesses } from "../system/child-process.ts";
import type { Mark } from "../system/lock-limit.ts";
import { lockLimitOf } from "../system/lock-limit.ts";
import { webviewsScript } from "../webviews/page-script.ts";
import type { WebviewChoices, Webviews } from "../webviews/webviews.ts";
import { formerBuiltins } from "./extensions/former-extensions.ts";
import { galleryOf } from "./extensions/gallery.ts";
import type { OwnExtension } from "./extensions/own-extension.ts";
import { type IdeServer, inspectIdeServer } from "./install/ide-server.ts";
import { ideEnvironment } from "./server/environment.ts";
import { IdeExtras } from "./server/extras.ts";
import { type LastFolder, type OpenedPlace, placeOf } from "./server/last-folder.ts";
import { portTemplateBelow, rewriteWorkbenchPage, withScript } from "./server/page.ts";
import { servePage } from "./server/page-request.ts";
import {
  answerPageScript,
  answerPageState,
  answerScript,
  answerWorkerExtension,
  isWorkerExtensionPath,
  keeperFolder,
  liveFolder,
  pageScriptElement,
  pageScriptPath,
  pageStatePath,
} from "./server/page-script.ts";
import { IdeProcess, type IdeProcessConfig, type IdeStatus, type IdeTiming } from "./server/process.ts";
import { configurationDefaults, type IdeSettingsOptions, type Restriction } from "./server/settings.ts";
import { readWebviewReport } from "./server/webview-report.ts";
import { IdeAssets } from "./static/assets.ts";
import { BackgroundCompression } from "./static/background-compression.ts";
import {
  cachedCompressionFolderOf,
  compressionFolderOf,
  readCompressionManifest,
} from "./static/compression-manifest.ts";

/** Settings of an IDE. */
export interface IdeConfig extends IdeProcessConfig, IdeSettingsOptions {
  /** Folder of the IDE server. */
  readonly ideServer: string;
  readonly cacheFolder: string;
  readonly passHubToken: boolean;
  /** URL of the gallery; undefined for none. */
  readonly extensionGallery: string | undefined;
  /** Name in the window's title; undefined: the IDE's own. */
  readonly appName?: string | undefined;
  /** Status of pages that wait: that of the error, or 200. */
  readonly waitingPageStatus: "error" | "200";
}

export interface IdeOptions {
  readonly config: IdeConfig;
  readonly children: ChildProcesses;
  readonly logger: Logger;
  /** A private (0700) folder for sockets. */
  readonly runtimeFolder: string;
  /** Name of its socket in that folder. Default `ide.sock`; at most as long as `control.sock`, for which the folder has room. */
  readonly socketName?: string;
  /** Added to the IDE's environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timing?: Partial<IdeTiming>;
  /** Where the owner's browser finds the hub's pages; undefined without a hub. */
  readonly hub?: IdePageHub | undefined;
  /** Set for the IDE of a share, which its guests use. */
  readonly guests?: GuestIdeOptions;
  /** Marks every process inside: by a variable, and by a limit for processes whose variables cannot be read. */
  readonly mark?: Mark;
  /** This program's own script. With it, missing compressed static files are made in the background. */
  readonly program?: string | undefined;
  /** Remembers what was open last. Default: every page without a folder in its address opens the workspace. */
  readonly lastFolder?: LastFolder | undefined;
  /** Path that ends the login; undefined: there is none to end. */
  readonly signOut?: string | undefined;
  /** Where the page's links to local ports lead, with `{{port}}`; undefined: below the page's own address. */
  readonly portTemplate?: ((page: RequestContext) => string | undefined) | undefined;
  /** Where the page loads its webviews from. Default: the page's own origin. */
  readonly webviews?: Webviews | undefined;
  /** Why the page opens a place in VS Code's Restricted Mode. Default: it does not. */
  readonly restriction?: ((place: OpenedPlace | undefined) => Promise<Restriction | undefined>) | undefined;
  /** Only for the owner: in a share the extension has nothing to connect to. */
  readonly extension?: OwnExtension | undefined;
}

/** What is different for guests. They get no key for secrets in the browser: that storage belongs to the origin, not the share. */
export interface GuestIdeOptions {
  /** Their part of the address space, below the base URL: `share/<id>/`. It includes local ports. */
  readonly below: string;
  /** Absolute path of a file that the page opens. */
  readonly opens?: string | undefined;
  /** For our script in the page. */
  readonly share: IdePageShare;
  /** Additional options for the server's command line. */
  readonly serverArguments: readonly string[];
  /** Called before each start except those after a crash. */
  readonly prepare: () => Promise<void>;
}

/** Below the mount: our script for webviews, and the report of where they were loaded from. */
const webviewsPath = "waiide-webviews";

/** What a page is made for. */
interface PageRequest {
  readonly forward: Forward;
  readonly lastOpened: OpenedPlace | undefined;
  readonly reload: boolean;
  readonly proof: string;
  readonly choices: WebviewChoices | undefined;
  readonly restricted: Restriction | undefined;
}

type IdeRoute = Extract<Route, { kind: "ide" }>;

/** A request for the IDE that the gate let in. */
export interface IdeRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly forward: Forward;
  /** Below the mount, without query, not decoded. */
  readonly path: string;
  /** Makes the proof that requests come from the page (RULES R5). */
  readonly proof: () => string;
}

/** The owner's IDE or one for guests: its server, and the requests that the gateway answers itself. */
export class Ide {
  readonly process: IdeProcess;
  readonly #config: IdeConfig;
  readonly #logger: Logger;
  readonly #guests: GuestIdeOptions | undefined;
  readonly #owner: Pick<IdeOptions, "hub" | "signOut" | "portTemplate">;
  readonly #id = randomUUID();
  readonly #webviews: Webviews | undefined;
  readonly #restriction: NonNullable<IdeOptions["restriction"]>;
  readonly #lastFolder: LastFolder | undefined;
  #files: { readonly assets: IdeAssets; readonly extras: IdeExtras } | undefined;
  readonly #compression: BackgroundCompression | undefined;
  #pageUnknown = false;

  constructor(options: IdeOptions) {
    const { config, logger, children, runtimeFolder, socketName = "ide.sock", timing, guests, program, mark } = options;
    const [name, value] = mark?.split("=") ?? [];
    const additions = { ...options.environment, ...(name !== undefined && value !== undefined && { [name]: value }) };
    this.#config = config;
    this.#logger = logger;
    this.#guests = guests;
    this.#owner = options;
    this.#webviews = options.webviews;
    this.#lastFolder = options.lastFolder;
    this.#restriction = options.restriction ?? (async () => undefined);
    this.#compression = program === undefined ? undefined : new BackgroundCompression({ program, children, logger });
    this.process = new IdeProcess({
      config,
      children,
      logger,
      inspect: () => this.#inspect(),
      socketPath: join(runtimeFolder, socketName),
      environment: ideEnvironment(process.env, {
        passHubToken: config.passHubToken,
        extensionGallery: config.extensionGallery,
        aiFeatures: config.aiFeatures,
        additions,
      }),
      lockLimit: mark && lockLimitOf(mark),
      ...(timing && { timing }),
      prepare: async (server) => {
        await guests?.prepare();
        return options.extension?.prepare(server) ?? { skippedBuiltins: await formerBuiltins(server) };
      },
      ...(guests && { serverArguments: guests.serverArguments }),
    });
  }

  start(): void {
    this.process.start();
  }

  /** Restarts the server in the background, also after it failed. */
  restart(): void {
    this.process.restart().catch((error: unknown) => {
      this.#logger.error({ err: error }, "the IDE server could not be restarted");
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.process.close(), this.#compression?.close()]);
  }

  status(): IdeStatus {
    return this.process.status;
  }

  /** Calls back once, when the server is ready; at once if it is. */
  onceReady(use: () => void): void {
    if (this.process.status.state === "ready") {
      use();
      return;
    }
    const look = () => {
      if (this.process.status.state !== "ready") return;
      this.process.off("change", look);
      use();
    };
    this.process.on("change", look);
  }

  /** The IDE's row in `/api/services`. */
  service(baseUrl: string): Services["services"][number] {
    const title = this.process.server?.productName ?? "IDE";
    return { name: "ide", title, url: `${baseUrl}ide/`, state: this.process.status.state };
  }

  /** Where the IDE server gets a request: without the mount. */
  destination(route: IdeRoute, context: RequestContext, query: string): Destination {
    return {
      backend: this.process.backend,
      target: `${route.path}${query}`,
      prefix: `${context.baseUrl}${route.mount.slice(1)}`,
      prefixStripped: true,
    };
  }

  /** @throws GatewayError IDE_STARTING or IDE_FAILED while it does not answer */
  requireReady(): void {
    const { state, phase } = this.process.status;
    if (state === "ready") return;
    if (state === "starting") throw new GatewayError("IDE_STARTING", { phase });
    throw new GatewayError("IDE_FAILED", { reason: phase });
  }

  /** Answers a request: serves static files and what the server lacks, changes the page, proxies everything else. */
  async handle({ request, response, forward, path, proof }: IdeRequest): Promise<void> {
    if (path === `/${pageScriptPath}`) {
      if (isRead(request, response)) await answerPageScript(response, this.#logger);
      return;
    }
    if (path === `/${pageStatePath}`) {
      if (isRead(request, response)) {
        answerPageState(response, { run: this.#run, state: this.process.status.state });
      }
      return;
    }
    if (isWorkerExtensionPath(path)) {
      if (isRead(request, response)) await answerWorkerExtension(response, path);
      return;
    }
    if (path === `/${webviewsPath}.js`) {
      if (isRead(request, response)) answerScript(response, webviewsScript);
      return;
    }
    if (path === `/${webviewsPath}` && request.method === "POST") {
      return this.#takeWebviewReport(request, response, forward.context.baseUrl);
    }
    if (await this.#files?.extras.handle(request, response, path)) return;
    if (this.#files?.assets.serves(path)) return this.#files.assets.handle(request, response, path);
    if (this.process.status.state !== "ready" && isNavigation(request)) {
      isolate(request, response);
      return this.#answerStarting(response, forward.context.baseUrl, proof());
    }
    this.requireReady();
    if (path === "/" && (request.method === "GET" || request.method === "HEAD")) {
      const choices = this.#webviewChoices(forward.context);
      const lastOpened = await this.#lastOpened(request, forward);
      const restricted = await this.#restriction(placeOf(forward, lastOpened, this.#config));
      const page = { forward, lastOpened, choices, restricted, reload: isReload(request), proof: proof() };
      return servePage(request, response, forward, (html) => this.#rewrite(html, page), choices?.sources);
    }
    proxyRequest(request, response, forward);
  }

  /** Identifies this run of the server: a restarted server does not resume the connections of the one before. */
  get #run(): string {
    return `${this.#id}.${this.process.status.restarts}`;
  }

  /** Sends a public static file of the server. @param path begins with `/<quality>-<commit>/static/` */
  async sendStatic(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const assets = this.#files?.assets;
    if (assets?.serves(path)) return assets.handle(request, response, path);
    const status = assets === undefined ? 503 : 404;
    response.writeHead(status, { "Content-Type": "text/plain", "Cache-Control": "no-store" }).end();
  }

  #webviewChoices(context: RequestContext): WebviewChoices | undefined {
    const { server } = this.process;
    const choices = server && this.#webviews?.choicesFor(context, server);
    return choices && choices.endpoints.length > 0 ? choices : undefined;
  }

  /** The pages of guests report it too, but only the owner's counts, since only the owner creates shares. */
  async #takeWebviewReport(request: IncomingMessage, response: ServerResponse, base: string): Promise<void> {
    const separated = await readWebviewReport(request, base);
    if (this.#guests === undefined) this.#webviews?.report(separated);
    response.writeHead(204).end();
  }

  async #answerStarting(response: ServerResponse, baseUrl: string, proof: string): Promise<void> {
    // As they were when the page was found to be needed: it continues as soon as they are others.
    const { status: now, error } = this.process;
    const ahead = now.state === "starting" ? await this.#files?.assets.ahead() : undefined;
    const page = startingPage({ baseUrl, forGuests: this.#guests !== undefined, proof, ...now, ahead, error });
    const status = this.#config.waitingPageStatus === "200" ? 200 : 503;
    response.writeHead(status, { ...page.headers, "Retry-After": "1" }).end(page.html);
  }

  /** Only what a person opens from our own pages, or by typing, counts: a link elsewhere cannot change what opens next. */
  async #lastOpened(request: IncomingMessage, { context }: Forward): Promise<OpenedPlace | undefined> {
    const site = request.headers["sec-fetch-site"] ?? "none";
    if (isNavigation(request) && (site === "same-origin" || site === "none")) {
      await this.#lastFolder?.remember(context.query);
    }
    return this.#lastFolder?.current();
  }

  #rewrite(html: string, { forward, lastOpened, restricted, reload, proof, choices }: PageRequest): string {
    const config = this.#config;
    const { context, prefix, target } = forward;
    const below = `${context.baseUrl}${this.#guests?.below ?? ""}`;
    const query = target.indexOf("?");
    const page = randomUUID();
    const script = pageScriptElement(`${prefix}${pageScriptPath}`, {
      page,
      proof,
      run: this.#run,
      hub: this.#owner.hub ?? null,
      share: this.#guests?.share ?? null,
      sign_out: this.#owner.signOut ?? null,
    });
    const rewritten = rewriteWorkbenchPage(html, {
      workspace: config.workspace,
      lastOpened,
      appName: config.appName,
      // A reload restores what was open.
      opens: reload ? undefined : this.#guests?.opens,
      query: query === -1 ? "" : target.slice(query),
      host: context.host,
      proxyTemplate: this.#owner.portTemplate?.(context) ?? portTemplateBelow(prefix.slice(below.length)),
      extensionGallery: galleryOf(config.extensionGallery),
      telemetry: config.telemetry,
      workspaceTrust: config.workspaceTrust || restricted !== undefined,
      configurationDefaults: configurationDefaults({ ...config, restricted }),
      script,
      mount: prefix,
      proof,
      workerExtensions: [
        // Nothing that a guest typed may stay in their browser after the share (RULES R18).
        ...(this.#guests === undefined ? [keeperFolder(prefix, page)] : []),
        liveFolder(below, proof),
      ],
      scheme: context.scheme,
      webviews: choices && {
        script: `${prefix}${webviewsPath}.js`,
        data: {
          ...choices,
          host: context.host,
          instance: this.#webviews?.instance,
          report: `${prefix}${proofSegment(proof)}/${webviewsPath}`,
        },
      },
    });
    if (rewritten === undefined && !this.#pageUnknown) {
      this.#pageUnknown = true;
      this.#logger.warn("the IDE's page carries no settings that WAIIDE knows; it is passed on as it is");
    }
    return rewritten ?? withScript(html, script);
  }

  /** Also looks for compressed files, so that even the first page gets them. */
  async #inspect(): Promise<IdeServer | GatewayError> {
    const { ideServer, cacheFolder, dataFolder } = this.#config;
    this.#files = undefined;
    const server = await inspectIdeServer(ideServer);
    if (server instanceof GatewayError) return server;
    const cached = cachedCompressionFolderOf(cacheFolder, server);
    const manifest =
      (await readCompressionManifest(compressionFolderOf(server), server)) ??
      (await readCompressionManifest(cached, server));
    const assets = new IdeAssets(server, manifest, this.#logger);
    const keyFile = this.#guests === undefined ? join(dataFolder, "gateway", "secret-storage-key") : undefined;
    this.#files = { assets, extras: new IdeExtras(server, keyFile) };
    if (manifest === undefined) this.#compression?.start(server, cached, (made) => assets.use(made));
    return server;
  }
}
