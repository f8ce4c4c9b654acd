import { Cookie, CookieJar } from "tough-cookie";

/** Cookies that one guest keeps of an app; more, or longer ones, are not kept. */
const maxCookies = 50;
const maxLength = 4_096;
/** Each app has a jar of its own, so that it needs no name: cookies belong to this host, and Domain means nothing. */
const host = "app.waiide.invalid";

/** A change of what scripts of the page can read: null deletes. */
export type CookieChanges = Readonly<Record<string, string | null>>;

/**
 * The cookies of an app, of one guest (RULES R31). Browsers give a page with an opaque origin none, and the app's must not
 * become the hub's: so the gateway keeps them, and the page is told of those that scripts may read.
 */
export class GuestJar {
  readonly #jar = new CookieJar(undefined, {
    looseMode: true,
    rejectPublicSuffixes: false,
    prefixSecurity: "unsafe-disabled",
  });

  /** The `Cookie` header for a path of the app, or empty. */
  header(path: string): string {
    return this.#jar.getCookieStringSync(addressOf(path), { allPaths: false });
  }

  /** The app's `Set-Cookie` for an answer at a path. @returns what scripts of the page see of it */
  keep(setCookie: string, path: string): CookieChanges {
    return this.#keep(setCookie, path, true);
  }

  /** A script of the page set `document.cookie`; it can neither make nor replace cookies that scripts cannot read. */
  keepFromScript(text: string, path: string): void {
    this.#keep(text, path, false);
  }

  /** What `document.cookie` shows at a path. */
  readable(path: string): Record<string, string> {
    const cookies = this.#jar.getCookiesSync(addressOf(path), { http: false });
    return Object.fromEntries(cookies.map(({ key, value }) => [key, value]));
  }

  #keep(text: string, path: string, http: boolean): CookieChanges {
    const cookie = text.length > maxLength ? undefined : Cookie.parse(text, { loose: true });
    if (cookie === undefined) return {};
    cookie.domain = null;
    // The browser's connection to us says nothing about the app's.
    cookie.secure = false;
    const isNew = !this.#names().has(cookie.key);
    if (isNew && this.#names().size >= maxCookies) return {};
    this.#jar.setCookieSync(cookie, addressOf(path), { http, ignoreError: true });
    if (cookie.httpOnly) return {};
    return { [cookie.key]: this.readable(path)[cookie.key] ?? null };
  }

  #names(): Set<string> {
    return new Set(this.#jar.serializeSync()?.cookies.map(({ key }) => String(key)));
  }
}

/** Only the path counts: of a query a jar knows nothing. */
function addressOf(path: string): string {
  return `http://${host}${path.split(/[?#]/, 1)[0] ?? "/"}`;
}
