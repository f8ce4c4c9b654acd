import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { AppRequest, CreateShare } from "@waiide/protocol";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { GuestClient, SessionClient } from "../guest-client.ts";
import type { SharingGateway } from "../sharing-gateway.ts";

const program = fileURLToPath(new URL("shared-app.mjs", import.meta.url));

export interface TestApp {
  readonly port: number;
  readonly process: ChildProcess;
  /** Ends the program, and resolves when it has ended. */
  stop(): Promise<void>;
}

/**
 * The app of `shared-app.mjs` as a program of its own, which ends with the test.
 * @param words make another program of it
 * @param name what it is called
 */
export async function startTestApp(port = 0, words: readonly string[] = [], name?: string): Promise<TestApp> {
  const child = spawn(process.execPath, [program, String(port), ...words], {
    stdio: ["ignore", "pipe", "inherit"],
    argv0: name,
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(stop);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { port: Number(String(line)), process: child, stop };
}

/** What a browser says of a frame that it loads. */
const ofFrame = {
  "sec-fetch-dest": "iframe",
  "sec-fetch-mode": "navigate",
  "sec-fetch-site": "cross-site",
  accept: "text/html",
};

interface AskedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface AppAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly response: IncomingMessage;
}

export interface AppAsking {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A guest in a shared app, with a page open: what the page and the app's frame ask for. */
export class AppGuest {
  readonly guest: GuestClient;
  readonly session: SessionClient;
  readonly #server: string;
  /** Path with the token. */
  readonly address: string;

  constructor(server: string, guest: GuestClient, session: SessionClient, address: string) {
    this.#server = server;
    this.guest = guest;
    this.session = session;
    this.address = address;
  }

  static async open(gateway: Pick<SharingGateway, "url">, guest: GuestClient): Promise<AppGuest> {
    const session = await guest.session();
    const { app } = await session.message("welcome");
    if (app === undefined) throw new Error("no app is shared");
    return new AppGuest(gateway.url, guest, session, app.address);
  }

  /** Begins a request of the frame and resolves with the answer's head. @param path below the app, or absolute */
  async begin(path: string, { method = "GET", headers = {}, body }: AppAsking = {}): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { hostname, port } = new URL(this.#server);
    httpRequest({
      hostname,
      port,
      path: path.startsWith("/") ? path : `${this.address}${path}`,
      method,
      agent: false,
      headers: { ...ofFrame, ...headers },
    })
      .on("response", resolve)
      .on("error", reject)
      .end(body);
    return promise;
  }

  async ask(path: string, asking: AppAsking = {}): Promise<AppAnswer> {
    const response = await this.begin(path, asking);
    const body = (await buffer(response)).toString();
    return { status: response.statusCode ?? 0, headers: response.headers, body, response };
  }

  /** As a script of the app's page asks. */
  fetch(path: string, asking: AppAsking = {}): Promise<AppAnswer> {
    const headers = { origin: "null", "sec-fetch-dest": "empty", "sec-fetch-mode": "cors", accept: "*/*" };
    return this.ask(path, { ...asking, headers: { ...headers, ...asking.headers } });
  }

  /** What guests asked of the app so far. */
  async requests(): Promise<AskedRequest[]> {
    const all: AskedRequest[] = JSON.parse((await this.fetch("requests")).body);
    return all.filter(({ headers }) => headers["x-forwarded-proto"] !== undefined);
  }

  socket(path: string, headers: Record<string, string> = { origin: "null" }, protocols: string[] = []): WebSocket {
    const url = new URL(`${this.address}${path}`, this.#server);
    url.protocol = "ws:";
    return new WebSocket(url, protocols, { headers });
  }
}

/** Shares an app with one guest, who has a page open. */
export async function shareApp(gateway: SharingGateway, app: AppRequest, more: Partial<CreateShare> = {}) {
  const share = await gateway.create({ permission: "Use the App", app, ...more });
  const guest = await gateway.guest(share).enter();
  return { share, guest: await AppGuest.open(gateway, guest) };
}
