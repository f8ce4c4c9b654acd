import { request as httpRequest, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { WebSocket } from "ws";
import type { GuestClient, SessionClient } from "../guest-client.ts";
import { publicOrigin, type SharingGateway } from "../sharing-gateway.ts";
import type { AppAnswer, AppAsking } from "./app-guest.ts";

/** As the pages of an app on a host of its own ask. */
const ofOwnPage = {
  "sec-fetch-site": "same-origin",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "iframe",
  accept: "text/html",
};

/** A guest of an app with a host of its own: what the page around it, and the app's own pages, ask there. */
export class OwnHostGuest {
  readonly guest: GuestClient;
  readonly session: SessionClient;
  /** Where the app begins. */
  readonly address: URL;
  readonly #server: string;
  cookie = "";

  private constructor(server: string, guest: GuestClient, session: SessionClient, address: URL) {
    this.#server = server;
    this.guest = guest;
    this.session = session;
    this.address = address;
  }

  /** Opens the page around the app. @param server where requests go, if not to the gateway itself */
  static async open({ url }: Pick<SharingGateway, "url">, guest: GuestClient, server = url): Promise<OwnHostGuest> {
    const session = await guest.session();
    const { app } = await session.message("welcome");
    if (app?.own_address === undefined) throw new Error("the app has no host of its own");
    return new OwnHostGuest(server, guest, session, new URL(app.own_address));
  }

  async ticket(): Promise<string> {
    const answer = await this.session.ask("enter-app", {});
    if (!("ticket" in answer)) throw new Error(`no ticket: ${JSON.stringify(answer)}`);
    return answer.ticket;
  }

  /** Brings a ticket, and keeps the cookie. */
  async enter(ticket?: string): Promise<AppAnswer> {
    const answer = await this.post(ticket ?? (await this.ticket()));
    this.cookie = answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? this.cookie;
    return answer;
  }

  post(ticket: string, { headers = {} }: AppAsking = {}): Promise<AppAnswer> {
    const fromOuter = {
      origin: publicOrigin,
      "sec-fetch-site": "cross-site",
      "sec-fetch-dest": "empty",
      "sec-fetch-mode": "cors",
    };
    return this.ask("/~waiide/enter", { method: "POST", body: ticket, headers: { ...fromOuter, ...headers } });
  }

  async begin(path: string, { method = "GET", headers = {}, body }: AppAsking = {}): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { hostname, port } = new URL(this.#server);
    const cookie = this.cookie === "" ? {} : { cookie: this.cookie };
    const own = { host: this.address.host, ...ofOwnPage, ...cookie };
    const options = { hostname, port, path, method, agent: false, headers: { ...own, ...headers } } as const;
    httpRequest(options).on("response", resolve).on("error", reject).end(body);
    return promise;
  }

  async ask(path: string, asking: AppAsking = {}): Promise<AppAnswer> {
    const response = await this.begin(path, asking);
    const body = (await buffer(response)).toString();
    return { status: response.statusCode ?? 0, headers: response.headers, body, response };
  }

  socket(path: string, headers: Record<string, string> = {}): WebSocket {
    const url = new URL(path, this.#server);
    url.protocol = "ws:";
    const own = { host: this.address.host, origin: this.address.origin, cookie: this.cookie };
    return new WebSocket(url, { headers: { ...own, ...headers } });
  }
}
