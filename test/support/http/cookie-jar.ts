export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Host that set it, or the Domain it named. */
  readonly domain: string;
  /** Whether only the host that set it gets it. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** As it was sent. */
  readonly text: string;
}

/** Cookies as a browser keeps and sends them (RFC 6265, section 5), but for times: those of a session outlive no test. */
export class CookieJar {
  #cookies: Cookie[] = [];

  get all(): readonly Cookie[] {
    return this.#cookies;
  }

  keep(url: URL, headers: readonly string[]): void {
    for (const header of headers) {
      const cookie = parse(url, header);
      this.#cookies = this.#cookies.filter((known) => !isSame(known, cookie));
      if (!isExpired(header)) this.#cookies.push(cookie);
    }
  }

  /** The Cookie header for a request, longest path first; empty where none fits. */
  headerFor(url: URL): string {
    return this.for(url)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  for(url: URL): Cookie[] {
    return this.#cookies
      .filter((cookie) => fits(cookie, url))
      .sort((first, second) => second.path.length - first.path.length);
  }

  named(name: string | RegExp): Cookie[] {
    return this.#cookies.filter((cookie) => (typeof name === "string" ? cookie.name === name : name.test(cookie.name)));
  }

  remove(name: string | RegExp): void {
    const removed = this.named(name);
    this.#cookies = this.#cookies.filter((cookie) => !removed.includes(cookie));
  }

  add(cookie: Cookie): void {
    this.#cookies.push(cookie);
  }
}

function parse(url: URL, text: string): Cookie {
  const [pair = "", ...attributes] = text.split(";").map((part) => part.trim());
  const value = (name: string) =>
    attributes.find((attribute) => attribute.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const domain = value("domain")?.replace(/^\./, "");
  return {
    name: pair.slice(0, pair.indexOf("=")),
    value: pair.slice(pair.indexOf("=") + 1),
    domain: domain ?? url.hostname,
    hostOnly: domain === undefined,
    path: value("path") ?? url.pathname.replace(/\/[^/]*$/, "/"),
    secure: attributes.some((attribute) => attribute.toLowerCase() === "secure"),
    text,
  };
}

function isExpired(text: string): boolean {
  const age = /;\s*max-age=(-?\d+)/i.exec(text)?.[1];
  if (age !== undefined) return Number(age) <= 0;
  const expires = /;\s*expires=([^;]+)/i.exec(text)?.[1];
  return expires !== undefined && Date.parse(expires) <= Date.now();
}

function isSame(left: Cookie, right: Cookie): boolean {
  return left.name === right.name && left.domain === right.domain && left.path === right.path;
}

function fits({ domain, hostOnly, path, secure }: Cookie, url: URL): boolean {
  const { hostname, pathname } = url;
  if (secure && url.protocol !== "https:") return false;
  if (hostname !== domain && (hostOnly || !hostname.endsWith(`.${domain}`))) return false;
  return pathname === path || (pathname.startsWith(path) && (path.endsWith("/") || pathname[path.length] === "/"));
}
