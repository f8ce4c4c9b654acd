import type { Server } from "node:http";
import type { Logger } from "../base/log.ts";
import { TrustedProxies } from "../http/forwarded.ts";
import { createHttpServer, readTls } from "../http/http-server.ts";
import { listen } from "../http/listening/listen.ts";
import { HubClient } from "../hub/client.ts";
import { hubAddress, hubOrigins } from "../hub/hub.ts";
import { HubAuthentication } from "../hub/hub-authentication.ts";
import { Identities } from "../hub/identities.ts";
import { Logins } from "../hub/oauth.ts";
import { Sessions } from "../hub/sessions.ts";
import { decideVisit } from "./access.ts";
import { readKey } from "./key-file.ts";
import { ServerClient } from "./server-client.ts";
import { ServiceFront } from "./service-front.ts";
import type { ServiceSettings } from "./settings.ts";
import { ShareAdministration } from "./share-administration.ts";

/** Servers asked at the same time: each waits for its server, and costs the service next to nothing. */
const atOnce = 32;
/** A page is shown after so long, whatever has not answered. Milliseconds. */
const maxSurveyTime = 10_000;

/** The administrator's page: a service of the hub's. Everything that listens or is kept open ends with `close()`. */
export class HubService {
  readonly #server: Server;
  readonly #hub: HubClient;
  readonly #client: ServerClient;

  private constructor(server: Server, hub: HubClient, client: ServerClient) {
    this.#server = server;
    this.#hub = hub;
    this.#client = client;
  }

  /** @throws GatewayError HUB_SERVICE_UNUSABLE, TLS_UNREADABLE, PORT_BUSY, ADDRESS_UNAVAILABLE */
  static async start(settings: ServiceSettings, logger: Logger): Promise<HubService> {
    const { hub: settingsOfHub, name: service, proxyUrl, timeout } = settings;
    const { listener, tls } = settingsOfHub;
    const key = readKey(settings.keyFile);
    const files = tls && { ...tls };
    const server = createHttpServer(files === undefined ? {} : { tls: await readTls(files) });
    const hub = new HubClient(settingsOfHub);
    const client = new ServerClient({ proxyUrl, service, key, timeout, connections: atOnce });
    const started = new HubService(server, hub, client);
    const administration = new ShareAdministration({
      hub,
      token: settingsOfHub.apiToken,
      client,
      logger,
      atOnce,
      maxSurveyTime,
    });
    server.on("request", createFront(settings, hub, administration, logger).onRequest);
    try {
      await listen(server, listener?.host ?? "127.0.0.1", listener?.port ?? 0);
    } catch (error) {
      await started.close();
      throw error;
    }
    return started;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await Promise.all([promise, this.#hub.close(), this.#client.close()]);
  }
}

function createFront(
  { hub: settings, name }: ServiceSettings,
  client: HubClient,
  administration: ShareAdministration,
  logger: Logger,
) {
  // Without scopes of its own the hub would let anybody log in here (JupyterHub 1), or does not say whom (2).
  const accessScopes = settings.accessScopes ?? ["access:services", `access:services!service=${name}`];
  const identities = new Identities({
    client,
    decide: (user) => decideVisit(user, accessScopes),
    onArrival: (identity) => logger.info({ user: identity.name }, "an administrator logged in"),
  });
  const logins = new Logins(settings);
  const authentication = new HubAuthentication({ hub: settings, identities, sessions: new Sessions(), logins });
  return new ServiceFront({
    baseUrl: settings.servicePrefix,
    hubAddress: hubAddress(settings),
    allowedOrigins: hubOrigins(settings),
    login: { client, logins, identities, authentication, settings },
    authentication,
    trustedProxies: new TrustedProxies([], true),
    administration,
    logger,
  });
}
