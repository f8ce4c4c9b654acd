import { GatewayError, reasonOf } from "../base/errors.ts";
import { type HubSettings, readHubSettings } from "../config/hub-settings.ts";

/** The command line of `waiide hub-service`; each has a variable of the same meaning. */
export interface ServiceFlags {
  readonly proxyUrl?: string;
  readonly keyFile?: string;
  /** Seconds. */
  readonly serverTimeout: string;
}

export interface ServiceSettings {
  /** Of the service at the hub. */
  readonly name: string;
  readonly hub: HubSettings;
  /** Where the hub's proxy is reached from here: an origin. */
  readonly proxyUrl: string;
  readonly keyFile: string;
  /** Milliseconds until a server must have answered. */
  readonly timeout: number;
}

/**
 * What the hub says to a service in JUPYTERHUB_* variables, and the command line.
 * @throws GatewayError HUB_SERVICE_UNUSABLE
 */
export function readServiceSettings(flags: ServiceFlags, environment: NodeJS.ProcessEnv): ServiceSettings {
  const name = environment.JUPYTERHUB_SERVICE_NAME;
  if (!name) throw unusable("JUPYTERHUB_SERVICE_NAME is not set, so no hub has started it");
  const hub = readHub(name, environment);
  if (hub.listener === undefined) throw unusable("JUPYTERHUB_SERVICE_URL is not set: the service needs a “url”");
  const seconds = Number(flags.serverTimeout);
  if (!(seconds > 0 && seconds <= 60)) throw unusable("--server-timeout takes seconds, at most 60");
  if (flags.keyFile === undefined) {
    throw unusable("--key-file is not given; “waiide hub-service key FILE” creates one");
  }
  return { name, hub, proxyUrl: proxyUrlOf(flags, environment, hub), keyFile: flags.keyFile, timeout: seconds * 1_000 };
}

/** A service has no user; here its name stands for the one whose server a gateway would be. */
function readHub(name: string, environment: NodeJS.ProcessEnv): HubSettings {
  try {
    return readHubSettings({
      ...environment,
      JUPYTERHUB_USER: name,
      JUPYTERHUB_SERVER_NAME: "",
      // A page for people alone.
      JUPYTERHUB_ALLOW_TOKEN_IN_URL: "",
    });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw unusable(error.message.replace(/\.$/, ""), error);
  }
}

function proxyUrlOf({ proxyUrl }: ServiceFlags, environment: NodeJS.ProcessEnv, { host }: HubSettings): string {
  const known = proxyUrl ?? (environment.JUPYTERHUB_PUBLIC_HUB_URL || host);
  if (known === "") {
    throw unusable("--proxy-url is not given, and the hub does not know its public address (c.JupyterHub.public_url)");
  }
  const url = URL.canParse(known) ? new URL(known) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw unusable(`“${known}” is not the http or https address of the hub's proxy`);
  }
  return url.origin;
}

function unusable(reason: string, cause?: unknown): GatewayError {
  return new GatewayError("HUB_SERVICE_UNUSABLE", { reason }, { cause });
}

/** For what else keeps it from starting. */
export function unusableBecause(what: string, error: unknown): GatewayError {
  return unusable(`${what}: ${reasonOf(error)}`, error);
}
