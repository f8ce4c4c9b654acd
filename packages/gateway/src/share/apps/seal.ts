import type { RequestContext } from "../../http/request-context.ts";
import { headerOf, type RawHeaders } from "../../proxy/raw-headers.ts";
import type { BackendAnswer, Reshape, ReshapedAnswer } from "../../proxy/reshape.ts";
import { filtered, isAttachment, onlyReadable, pageDestinations, pairsOf, privately } from "./header-lists.ts";
import type { CookieChanges, GuestJar } from "./jar.ts";
import { Reshaped, type ReshapedParts } from "./reshaped.ts";
import { loosensSeal, sealHeaders } from "./sealing.ts";
import { isThisMachine } from "./shared-apps.ts";
import { cookiesHeader, shimElement } from "./shim.ts";
import { baseWords, type Word, withWords } from "./texts/base-words.ts";
import { importMap } from "./texts/import-map.ts";
import { kindOfText } from "./texts/texts.ts";

export interface SealParts extends ReshapedParts {
  readonly context: Pick<RequestContext, "scheme" | "host">;
  /** Path of the share's own page; ends with `/`. */
  readonly sharePath: string;
  /** Where this guest sees the app; ends with `/`, and with the token. */
  readonly prefix: string;
  /** The path that the app knows as its own; begins and ends with `/`. */
  readonly base: string;
  readonly keepsBase: boolean;
  /** Below the app, begins with `/`; with its query. */
  readonly path: string;
  readonly jar: GuestJar;
  /** For X-Waiide-Guest; undefined: the app is not told. */
  readonly guest: string | undefined;
  /** The file's name, where the page asked to save the answer. */
  readonly saveAs: string | undefined;
}

/** Stands for a redirect that would leave the app. */
const leaving = "about:blank";
const ours = /^(?:authorization|cookie|referer|x-forwarded-context|x-proxycontextpath)$/i;

/**
 * Seals one request of a guest to an app and its answer (RULES R31): nothing of the browser's rights reaches the app, nothing
 * of the app gets an origin, and its addresses become the guest's.
 */
export class Seal extends Reshaped implements Reshape {
  readonly #parts: SealParts;
  readonly #words: readonly Word[];

  constructor(parts: SealParts) {
    super(parts);
    this.#parts = parts;
    this.#words = parts.base === "/" ? [] : baseWords(parts.base, parts.prefix);
  }

  request(headers: string[]): string[] {
    const { jar, context, guest } = this.#parts;
    const cookie = jar.header(this.#appPath);
    const kept = pairsOf(headers).flatMap(([name, value]) => {
      if (ours.test(name)) return [];
      // Toward the app the request is what it is: one of its own page.
      if (/^origin$/i.test(name)) return [name, value === "null" ? `${context.scheme}://${context.host}` : value];
      if (/^sec-fetch-site$/i.test(name)) return [name, "same-origin"];
      if (/^accept-encoding$/i.test(name)) return [name, onlyReadable(value)];
      return [name, value];
    });
    return [
      ...kept,
      ...(cookie === "" ? [] : ["Cookie", cookie]),
      ...(guest === undefined ? [] : ["X-Waiide-Guest", encodeURIComponent(guest)]),
    ];
  }

  answer({ status, raw, headers }: BackendAnswer): ReshapedAnswer {
    const { request, sharePath, path } = this.#parts;
    const changes = this.#keepCookies(raw);
    const sealed = this.#sealed(headers, changes);
    const isMoved = status >= 300 && status < 400;
    // A browser does not look at a redirect's path (Content Security Policy §7.6): it must not lead to other pages of ours.
    const location = headerOf(sealed, "location");
    if (location === leaving) return { status: 502, headers: this.#refusing([]), body: "none" };
    if (request.headers["sec-fetch-dest"] === "document" && !isMoved && !isAttachment(sealed)) {
      // The app never fills a window, where it could put any address into the address bar. What it opens in a new window
      // becomes a page of ours around it.
      const outer = `${sharePath}#open=${encodeURIComponent(path.slice(1))}`;
      return { status: 303, headers: this.#refusing(["Location", outer]), body: "none" };
    }
    const answer = this.withText(status, sealed, (whole) => this.#text(whole));
    return { ...answer, headers: this.#exposed(answer.headers) };
  }

  upgraded({ raw, headers }: Omit<BackendAnswer, "status">): string[] {
    this.#keepCookies(raw);
    return filtered(headers, (name) => !loosensSeal(name));
  }

  /** The path as the app sees it. */
  get #appPath(): string {
    const { base, keepsBase, path } = this.#parts;
    return keepsBase ? `${base}${path.slice(1)}` : path;
  }

  #keepCookies(raw: RawHeaders): CookieChanges {
    const { jar, prefix, base, keepsBase } = this.#parts;
    const own = keepsBase ? base : "/";
    // An app that knows the guest's prefix, or the path that it was told, names it as the cookie's path.
    const owned = (cookie: string) => cookie.replaceAll(prefix, own).replaceAll(base, own);
    const changes = pairsOf(raw).flatMap(([name, value]) =>
      /^set-cookie$/i.test(name) ? [jar.keep(owned(value), this.#appPath)] : [],
    );
    return Object.assign({}, ...changes);
  }

  #sealed(headers: readonly string[], changes: CookieChanges): string[] {
    const { request, saveAs } = this.#parts;
    const kept = pairsOf(headers).flatMap(([name, value]) => {
      if (loosensSeal(name)) return [];
      if (/^location$/i.test(name)) return [name, this.#location(value)];
      if (/^content-location$|^refresh$/i.test(name)) return [name, withWords(value, this.#words)];
      if (/^cache-control$/i.test(name)) return [name, privately(value)];
      return [name, value];
    });
    // The token is in the address: no cache may keep it for others.
    if (headerOf(kept, "cache-control") === undefined) kept.push("Cache-Control", "no-store");
    if (Object.keys(changes).length > 0) kept.push(cookiesHeader, asciiJson(changes));
    const named =
      saveAs === undefined || isAttachment(kept)
        ? kept
        : [
            ...filtered(kept, (name) => !/^content-disposition$/i.test(name)),
            "Content-Disposition",
            attachmentNamed(saveAs),
          ];
    return [...named, ...Object.entries(sealHeaders(request)).flat()];
  }

  /** A redirect within the app, or to another host; `leaving` for all else. */
  #location(value: string): string {
    const { context, prefix, path, base, keepsBase } = this.#parts;
    const own = `${context.scheme}://${context.host}${prefix}${path.slice(1)}`;
    if (!URL.canParse(value, own)) return leaving;
    const url = new URL(value, own);
    if (!/^https?:$/.test(url.protocol)) return leaving;
    if (url.host !== new URL(own).host && !isThisMachine(url.hostname)) return value;
    const rest = `${url.search}${url.hash}`;
    const isPrefixed = url.pathname.startsWith(prefix);
    // The prefix can have been put before the path that the app was told.
    const below = isPrefixed ? url.pathname.slice(prefix.length - 1) : url.pathname;
    const isTold = base !== "/" && !(isPrefixed && keepsBase) && below.startsWith(base);
    if (keepsBase && !isPrefixed && !isTold) return leaving;
    return `${prefix}${below.slice(isTold ? base.length : 1)}${rest}`;
  }

  #refusing(headers: readonly string[]): string[] {
    const sealed = Object.entries(sealHeaders(this.#parts.request)).flat();
    return [...headers, "Cache-Control", "no-store", "Content-Length", "0", ...sealed];
  }

  /** Scripts of other origins read only what is named. */
  #exposed(headers: readonly string[]): string[] {
    if (this.#parts.request.headers.origin !== "null") return [...headers];
    const names = new Set(pairsOf(headers).map(([name]) => name.toLowerCase()));
    return [
      ...headers,
      "Access-Control-Expose-Headers",
      [...names].filter((name) => !name.startsWith("access-control-")).join(", "),
    ];
  }

  #text(headers: RawHeaders) {
    const kind = kindOfText(headerOf(headers, "content-type") ?? "");
    const moves = kind === "html" || (kind === "style" && !this.#parts.keepsBase);
    if (kind === undefined || (!moves && this.#words.length === 0)) return undefined;
    return this.changed(headers, {
      words: this.#words,
      html: kind === "html" ? this.#htmlChanges() : undefined,
      style: kind === "style" && moves ? (address) => this.#moved(address) : undefined,
    });
  }

  #htmlChanges() {
    const { request, prefix, keepsBase, jar } = this.#parts;
    const destination = String(request.headers["sec-fetch-dest"] ?? "document");
    const settings = { prefix, rootRelative: !keepsBase, words: this.#words, cookies: jar.readable(this.#appPath) };
    const isPage = pageDestinations.has(destination);
    const moved = (address: string) => this.#moved(address);
    return {
      head: isPage ? shimElement(settings) : "",
      moved,
      changesFiles: true,
      ...(isPage && !keepsBase ? { importMap: (own?: string) => importMap(prefix, moved, own) } : {}),
    };
  }

  #moved(address: string): string {
    const { prefix, keepsBase } = this.#parts;
    const isRootRelative = /^\/(?![/\\])/.test(address);
    if (keepsBase || !isRootRelative || address.startsWith(prefix)) return address;
    const isWord = this.#words.some(({ from }) => address.startsWith(from));
    return isWord ? address : prefix + address.slice(1);
  }
}

/** RFC 8187. The name comes percent-encoded from the page. */
function attachmentNamed(name: string): string {
  return `attachment; filename*=UTF-8''${name.replace(/[!'()*]|%(?![\da-f]{2})/gi, "_")}`;
}

/** Headers hold ASCII alone. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
