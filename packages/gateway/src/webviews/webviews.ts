import { randomBytes } from "node:crypto";
import type { WebviewState } from "@waiide/protocol";
import { hostnameOf } from "../http/hosts.ts";
import type { RequestContext } from "../http/request-context.ts";
import { isWebviewHost, localOrigin, parseWebviewOrigin, uuid, type WebviewOrigin } from "./webview-origin.ts";

/** The origins that a page can load its webviews from. */
export interface WebviewChoices {
  /** Addresses of the folder with the webviews' files, the best first; the name may contain `{{uuid}}`. */
  readonly endpoints: readonly string[];
  /** The same for `frame-src` and `connect-src` of the page's content security policy. */
  readonly sources: readonly string[];
  /** Whether a gateway answers there, so that the page can try it. */
  readonly probed: boolean;
  /** Whether webviews load from the page's own origin if none of them is reachable. */
  readonly fallsBack: boolean;
}

const none: WebviewChoices = { endpoints: [], sources: [], probed: false, fallsBack: true };

/**
 * Where webviews (notebook outputs, Markdown previews, pages of extensions) are loaded from. On the page's own origin their
 * scripts have the owner's rights: they reach `window.top`, and with it everything that the owner may do (RULES R11, R18).
 */
export class Webviews {
  /** Proves to the page that this gateway answered, and not another program at that address. */
  readonly instance = randomBytes(16).toString("hex");
  /** Port of the second listener; undefined without one. */
  port: number | undefined;
  readonly #setting: WebviewOrigin;
  readonly #baseUrl: string;
  #separated: boolean | undefined;

  constructor(setting: string, baseUrl: string) {
    this.#setting = parseWebviewOrigin(setting);
    this.#baseUrl = baseUrl;
  }

  /** Whether a second port is useful. */
  get wantsPort(): boolean {
    return this.#setting.kind === "auto";
  }

  /** @param host a Host header */
  isHost(host: string): boolean {
    return isWebviewHost(host, this.#setting);
  }

  /** @param ide the IDE server whose page it is */
  choicesFor(
    context: Pick<RequestContext, "host" | "scheme">,
    ide: { readonly quality: string; readonly commit: string | undefined },
  ): WebviewChoices {
    const commit = ide.commit ?? "dev";
    if (this.#setting.kind === "same") return none;
    if (this.#setting.kind === "fixed") {
      const { origin, path } = this.#setting;
      const folder = path?.replaceAll("{{commit}}", commit).replaceAll("{{quality}}", ide.quality);
      const endpoint = `${origin}${folder ?? this.#path(ide.quality, commit)}`;
      return { endpoints: [endpoint], sources: [sourceOf(origin)], probed: path === undefined, fallsBack: false };
    }
    const origins = this.#automatic(context);
    const endpoints = origins.map((origin) => `${origin}${this.#path(ide.quality, commit)}`);
    return { endpoints, sources: origins.map(sourceOf), probed: true, fallsBack: true };
  }

  /** The newest page of the owner reports whether its webviews have an origin of their own. */
  report(separated: boolean): void {
    this.#separated = separated;
  }

  get state(): WebviewState {
    const separated = this.#setting.kind === "same" ? false : (this.#separated ?? null);
    if (separated !== false) return { separated };
    return { separated, reason: this.#setting.kind === "same" ? chosenSame : notReached };
  }

  #path(quality: string, commit: string): string {
    return `${this.#baseUrl}webviews/${quality}-${commit}/`;
  }

  /**
   * A name below `localhost` needs no second port, but is another site, where browsers that block third-party cookies permit no
   * service worker. The second port is the same site, but shares the cookies of the page's host.
   */
  #automatic({ host, scheme }: Pick<RequestContext, "host" | "scheme">): string[] {
    const name = hostnameOf(host);
    // A content security policy cannot contain IPv6 addresses.
    if (name === undefined || name.includes(":")) return [];
    const isLocal = name === "localhost" || name.endsWith(".localhost") || name === "127.0.0.1";
    const origins: string[] = [];
    if (isLocal && scheme === "http") origins.push(localOrigin(/:\d+$/.exec(host)?.[0] ?? ""));
    // On other hosts browsers permit service workers, and so webviews, only with HTTPS.
    if (this.port !== undefined && (isLocal || scheme === "https")) origins.push(`${scheme}://${name}:${this.port}`);
    return origins;
  }
}

const chosenSame = "webview-origin is “same”";
const notReached =
  "the browser reaches no other origin for them; an administrator can set webview-origin (see docs/ide.md)";

function sourceOf(origin: string): string {
  return origin.replace(uuid, "*");
}
