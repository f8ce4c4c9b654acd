import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface HubServer {
  /** Any text, as names of accounts are. */
  readonly user: string;
  /** Empty: the default server. */
  readonly name?: string;
  /** Path of the user's server, begins and ends with `/`. */
  readonly prefix: string;
}

/** Of tokens of people who logged in; their name follows. */
const tokenStart = "0123456789abcdef0123456789-";

/** A hub that identifies users and lists no tokens: links need no more. */
export class PlainHub {
  readonly #server: Server;

  private constructor(owner: string, scopes: readonly string[]) {
    this.#server = createServer(async (request, response) => {
      const { url, headers } = request;
      // Whoever logs in names themselves by the code.
      if (url?.endsWith("/oauth2/token")) {
        const code = new URLSearchParams(await text(request)).get("code");
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ access_token: `${tokenStart}${code}` }));
        return;
      }
      const [, user = owner] = headers.authorization?.split(tokenStart) ?? [];
      response.end(JSON.stringify({ version: "6.1.1", kind: "user", name: user, scopes }));
    });
  }

  /** @param scopes of every token; the servers' own is among `access:servers!server=<user>/<name>` */
  static async start(user: string, scopes: readonly string[] = []): Promise<PlainHub> {
    const hub = new PlainHub(user, scopes);
    hub.#server.listen(0, "127.0.0.1");
    await once(hub.#server, "listening");
    return hub;
  }

  /** What it says to a server that it starts. */
  environmentOf({ user, name = "", prefix }: HubServer): NodeJS.ProcessEnv {
    const { port } = this.#server.address() as AddressInfo;
    return {
      JUPYTERHUB_USER: user,
      JUPYTERHUB_SERVER_NAME: name,
      JUPYTERHUB_API_TOKEN: "0123456789abcdef0123456789abcdef",
      JUPYTERHUB_API_URL: `http://127.0.0.1:${port}/hub/api`,
      JUPYTERHUB_CLIENT_ID: `jupyterhub-user-${encodeURIComponent(user)}`,
      JUPYTERHUB_BASE_URL: "/",
      JUPYTERHUB_SERVICE_PREFIX: prefix,
      JUPYTERHUB_OAUTH_CALLBACK_URL: `${prefix}oauth_callback`,
      JUPYTERHUB_OAUTH_ACCESS_SCOPES: JSON.stringify([`access:servers!server=${user}/${name}`]),
      JUPYTERHUB_SERVICE_URL: `http://127.0.0.1:0${prefix}`,
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
