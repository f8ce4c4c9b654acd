import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { type LookupFunction, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { CookieJar } from "./cookie-jar.ts";

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Addresses that redirected here, first one first. */
  readonly redirects: readonly string[];
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** What a browser sends when a person opens an address. */
const navigation = {
  accept: "text/html,application/xhtml+xml",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

/** A browser gives up after 20 redirects; whatever takes half of them is a loop. */
const maxRedirects = 10;

/** What WAIIDE's page shows with its own requests (RULES R5), and below which address. */
interface OpenedPage {
  readonly base: string;
  readonly proof: string;
}

/**
 * An HTTP client that keeps cookies as a browser does and resolves every `*.test` host to this machine. Once it has opened an
 * IDE's page, its requests are those of that page.
 */
export class HttpClient {
  readonly cookies = new CookieJar();
  #pages: OpenedPage[] = [];

  /** One request; follows nothing. Trusts any certificate: those of tests are their own. */
  async send(url: string, { method = "GET", headers = {}, body }: RequestOptions = {}): Promise<Answer> {
    const target = new URL(url);
    const cookie = this.cookies.headerFor(target);
    const start = target.protocol === "https:" ? httpsRequest : httpRequest;
    const own = { ...(cookie && { cookie }), ...this.#proofFor(url) };
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const request = start(
      target,
      { method, headers: { ...own, ...headers }, agent: false, lookup, rejectUnauthorized: false },
      (response) => {
        this.cookies.keep(target, response.headers["set-cookie"] ?? []);
        text(response).then((content) => {
          this.#keepPage(url, content);
          resolve({ url, status: response.statusCode ?? 0, headers: response.headers, body: content, redirects: [] });
        }, reject);
      },
    );
    request.on("error", reject).end(body);
    return promise;
  }

  /** What a program's XHR gets: nothing is followed. */
  fetch(url: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.send(url, { headers: { accept: "*/*", ...headers } });
  }

  /** Opens an address as a person does, following redirects. @throws Error on a redirect loop */
  open(url: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.follow(url, { headers: { ...navigation, ...headers } });
  }

  /** One step of a person's way: no redirect is followed. */
  step(url: string): Promise<Answer> {
    return this.send(url, { headers: navigation });
  }

  /**
   * Posts a form as a person does, then follows redirects.
   * @param page where the form was: hubs before 4 let nobody in from elsewhere
   */
  submit(url: string, fields: readonly (readonly [string, string])[], page?: string): Promise<Answer> {
    const body = new URLSearchParams(fields.map(([name, value]) => [name, value])).toString();
    const headers = {
      ...navigation,
      ...(page === undefined ? {} : { referer: page }),
      "content-type": "application/x-www-form-urlencoded",
      "content-length": body.length,
    };
    return this.follow(url, { method: "POST", headers, body });
  }

  async follow(url: string, options: RequestOptions = {}): Promise<Answer> {
    const redirects: string[] = [];
    let answer = await this.send(url, options);
    while (isRedirect(answer)) {
      redirects.push(answer.url);
      if (redirects.length > maxRedirects) throw new Error(`a redirect loop: ${redirects.join(" → ")}`);
      const next = new URL(answer.headers.location ?? "", answer.url);
      const headers = { ...options.headers };
      // As curl and browsers do: credentials of one origin are not for another.
      if (next.origin !== new URL(answer.url).origin) delete headers.authorization;
      const keepsMethod = answer.status === 307 || answer.status === 308;
      if (!keepsMethod) {
        delete headers["content-type"];
        delete headers["content-length"];
      }
      answer = await this.send(next.href, keepsMethod ? { ...options, headers } : { headers });
    }
    return { ...answer, redirects };
  }

  /**
   * Asks for a WebSocket and says what came of it; an opened one is closed again.
   * @returns 101 if it was opened, else the refusal's status
   */
  async upgrade(url: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    const target = new URL(url);
    const cookie = this.cookies.headerFor(target);
    const start = target.protocol === "https:" ? httpsRequest : httpRequest;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const request = start(target, {
      agent: false,
      lookup,
      rejectUnauthorized: false,
      headers: {
        ...(cookie && { cookie }),
        ...this.#proofFor(url),
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
    });
    request.on("upgrade", (response, socket) => {
      if (socket instanceof Socket) socket.destroy();
      resolve({ url, status: response.statusCode ?? 0, headers: response.headers, body: "", redirects: [] });
    });
    request.on("response", (response) => {
      text(response).then(
        (body) => resolve({ url, status: response.statusCode ?? 0, headers: response.headers, body, redirects: [] }),
        reject,
      );
    });
    request.on("error", reject).end();
    return promise;
  }

  #keepPage(url: string, body: string): void {
    const match =
      /<script src="([^"]*)waiide-page\.js" data-settings="[^"]*&quot;proof&quot;:&quot;([\w-]+)&quot;/.exec(body);
    if (match === null) return;
    const [, mount = "", proof = ""] = match;
    const base = new URL(mount.replace(/ide\/$/, ""), url).href;
    this.#pages = [{ base, proof }, ...this.#pages.filter((page) => page.base !== base)];
  }

  #proofFor(url: string): { readonly "x-waiide-page"?: string } {
    const page = this.#pages
      .filter(({ base }) => url.startsWith(base))
      .sort((one, other) => other.base.length - one.base.length)[0];
    return page === undefined ? {} : { "x-waiide-page": page.proof };
  }
}

/** `*.test` never resolves (RFC 6761); here it is this machine. */
const lookup: LookupFunction = (_host, options, done) => {
  if (options.all) done(null, [{ address: "127.0.0.1", family: 4 }]);
  else done(null, "127.0.0.1", 4);
};

function isRedirect({ status, headers }: Answer): boolean {
  return status >= 300 && status < 400 && headers.location !== undefined;
}

/** The form of a page: where it goes, and its hidden fields. */
export function formOf(page: Answer): { readonly action: string; readonly fields: (readonly [string, string])[] } {
  const form = /<form[^>]*>([\s\S]*?)<\/form>/.exec(page.body);
  if (form === null) throw new Error(`${page.url} (${page.status}) has no form:\n${page.body.slice(0, 2000)}`);
  const action = attribute(form[0].slice(0, form[0].indexOf(">")), "action") ?? "";
  const inputs = [...(form[1] ?? "").matchAll(/<input[^>]*>/g)].map(([input]) => input);
  const fields = inputs
    .filter((input) => attribute(input, "type") === "hidden" || /\bname="scopes"/.test(input))
    .map((input) => [attribute(input, "name") ?? "", attribute(input, "value") ?? ""] as const);
  return { action: new URL(action || page.url, page.url).href, fields };
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll("&amp;", "&").replaceAll("&#x27;", "'");
}
