import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LoginPageAuthentication } from "./access/authentication.ts";
import { PasswordAuthentication } from "./access/password-authentication.ts";
import { RequestActors } from "./access/request-actors.ts";
import type { AddRoutes } from "./access/route-host.ts";
import { TokenAuthentication } from "./access/token-authentication.ts";
import type { Logger } from "./base/log.ts";
import { LogLines } from "./base/log-lines.ts";
import type { Config } from "./config/config.ts";
import { ConfigWatch, type ConfigWatchOptions } from "./config/config-watch.ts";
import type { Front } from "./front.ts";
import type { Ide } from "./ide/ide.ts";
import { addLoginRoutes } from "./pages/login-routes.ts";
import { activityPart } from "./parts/activity-part.ts";
import { apiPart } from "./parts/api-part.ts";
import { appsPart } from "./parts/apps-part.ts";
import { copiesPart } from "./parts/copies-part.ts";
import { type Foundation, layFoundation } from "./parts/foundation.ts";
import { httpPart } from "./parts/http-part.ts";
import { hubPart } from "./parts/hub-part.ts";
import { idePart } from "./parts/ide-part.ts";
import { ClosedTogether, Lifetime } from "./parts/lifetime.ts";
import { portNamesPart } from "./parts/port-names-part.ts";
import { sharingPart } from "./parts/sharing-part.ts";
import { ChildProcesses } from "./system/child-process.ts";
import { readOrMakeSecret } from "./system/secret-file.ts";
import { Webviews } from "./webviews/webviews.ts";

export interface GatewayOptions {
  /** This program's own script, for what it runs in processes of its own. */
  readonly program?: string | undefined;
  /** The administrator's file, and how to read the configuration again when it changes. */
  readonly watched?: Pick<ConfigWatchOptions, "file" | "reload" | "interval">;
  /** Where the logger keeps its last lines. */
  readonly recentLog?: LogLines;
  /** Starts the gateway's programs, so that its owner can kill them. */
  readonly children?: ChildProcesses;
}

/** What `assemble` makes of all parts. */
interface Assembled {
  readonly url: string;
  readonly fingerprint: string | undefined;
  readonly ide: Ide;
  readonly unused: Promise<void>;
  readonly front: Front;
  /** Everything that runs programs. */
  readonly programs: ClosedTogether;
}

/** One user's server. Everything that listens, runs or is kept open belongs to it and ends with `close()`. */
export class Gateway {
  /** Where a browser opens it, with the base URL; never with a token. */
  readonly url: string;
  /** SHA-256 of the certificate that browsers do not know, with `--tls-self-signed`. */
  readonly fingerprint: string | undefined;
  readonly ide: Ide;
  /** Resolves when nobody has used it for too long (`--shutdown-no-activity-timeout`) and it is to be retired. */
  readonly unused: Promise<void>;
  readonly #front: Front;
  readonly #programs: ClosedTogether;
  readonly #lifetime: Lifetime;

  private constructor({ url, fingerprint, ide, unused, front, programs }: Assembled, lifetime: Lifetime) {
    this.url = url;
    this.fingerprint = fingerprint;
    this.ide = ide;
    this.unused = unused;
    this.#front = front;
    this.#programs = programs;
    this.#lifetime = lifetime;
  }

  /**
   * Listens first, so that the first request is answered at once; the IDE server starts in the background.
   * @throws GatewayError of the command; nothing stays behind then
   */
  static async start(config: Config, logger: Logger, options: GatewayOptions = {}): Promise<Gateway> {
    const lifetime = new Lifetime();
    try {
      const { program, children = new ChildProcesses() } = options;
      const foundation = await layFoundation({ config, logger, lifetime, program, children });
      return new Gateway(await assemble(foundation, options), lifetime);
    } catch (error) {
      await lifetime.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  /** Ends it because nobody uses it. Pages that are still open are told why while the IDE server and the apps end. */
  async retire(): Promise<void> {
    this.#front.retire();
    await this.#programs.close();
    await this.close();
  }
}

/** Builds the parts from the bottom up: each gets those below it. Then starts them. */
async function assemble(foundation: Foundation, { watched, recentLog }: GatewayOptions): Promise<Assembled> {
  const { config, logger, lifetime, runtimeFolder } = foundation;
  const controlSocket = runtimeFolder.socket("control.sock");
  const webviews = new Webviews(config.webviewOrigin, config.baseUrl);
  const actors = new RequestActors();
  const ownLogin = await ownLoginOf(config);

  const hubSide = hubPart(foundation);
  const hub = hubSide?.hub;
  const activity = activityPart(foundation);
  const apps = appsPart(foundation);
  const sharing = sharingPart(foundation, {
    hub,
    activity: activity.activity,
    apps,
    webviews,
    actors,
    workbenchFolder: workbenchFolder(),
  });
  const portNames = portNamesPart(foundation, { hub: hubSide, sharing });
  const copies = copiesPart(foundation, actors);
  const ide = idePart(foundation, {
    hub: hubSide?.pages,
    webviews,
    restricted: sharing.restricted,
    copies: copies.records,
    controlSocket,
    portTemplate: (page) => portNames.names.template(page),
  });
  const programs = lifetime.keep(new ClosedTogether([ide.ide, apps.apps, sharing.sharing.lifecycle]));
  const login = hubSide?.routes ?? loginRoutes(foundation, ownLogin);
  const api = await apiPart(foundation, {
    hub,
    activity,
    apps: apps.apps,
    sharing,
    webviews,
    ide: ide.ide,
    actors,
    recentLog: recentLog ?? new LogLines(),
    routes: [ide.routes, activity.routes, sharing.routes, copies.routes, login],
  });
  const http = httpPart(foundation, {
    hub: hubSide,
    ownLogin,
    activity,
    apps,
    sharing,
    ide,
    webviews,
    api,
    portNames,
    actors,
    controlSocket,
  });

  const url = await http.listen();
  await ide.start();
  // Not before: the IDE is what people wait for.
  ide.ide.onceReady(() => void apps.apps.complete());
  sharing.sharing.lifecycle.start();
  await copies.start();
  if (watched !== undefined) {
    const onChange = (changed: Config) => sharing.sharing.lifecycle.changeCeilings(changed.sharing);
    lifetime.keep(new ConfigWatch({ ...watched, onChange, logger })).start();
  }
  hubSide?.reportActivity(activity.activity);
  activity.start();
  const fingerprint = foundation.certificate?.fingerprint;
  return { url, fingerprint, ide: ide.ide, unused: activity.unused, front: http.front, programs };
}

/** Undefined behind a hub, and with `--auth none`. */
async function ownLoginOf({
  authentication,
  port,
  baseUrl,
  gatewayFolder,
}: Config): Promise<LoginPageAuthentication | undefined> {
  if (authentication.kind === "token") return new TokenAuthentication(authentication.token, port, baseUrl);
  if (authentication.kind !== "password") return undefined;
  const key = await readOrMakeSecret(join(gatewayFolder, "login-key"));
  return new PasswordAuthentication({ hash: authentication.hash, key, port, baseUrl });
}

function loginRoutes(
  { config, trustedProxies }: Foundation,
  authentication: LoginPageAuthentication | undefined,
): AddRoutes {
  const { baseUrl, appName, welcomeText } = config;
  return (host) => addLoginRoutes(host, { baseUrl, authentication, trustedProxies, appName, welcomeText });
}

/** Beside the gateway's own code where it was packed, else where the repository's build puts it. */
function workbenchFolder(): string {
  const here = import.meta.dirname;
  const packed = join(here, "workbench");
  if (existsSync(packed)) return packed;
  return join(here, "../../workbench/dist");
}
