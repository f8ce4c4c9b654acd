import { appSandbox } from "@waiide/protocol";
import { asDeclared } from "../../../http/content-type.ts";
import { acceptsPage } from "../../../http/navigation.ts";
import { headerOf, type RawHeaders } from "../../../proxy/raw-headers.ts";
import type { BackendAnswer, Reshape, ReshapedAnswer } from "../../../proxy/reshape.ts";
import { isAttachment, onlyReadable, pageDestinations, pairsOf, privately } from "../header-lists.ts";
import { Reshaped, type ReshapedParts } from "../reshaped.ts";
import { loosensSeal } from "../sealing.ts";
import { kindOfText } from "../texts/texts.ts";
import { cookieScript } from "./cookie-script.ts";

export interface HostAnswersParts extends ReshapedParts {
  /** Origin of the app's host. */
  readonly origin: string;
  /** Origin of the page around the app. */
  readonly mainOrigin: string;
  /** Address of the page around the app, at this place of it. */
  readonly outer: string;
  /** For X-Waiide-Guest; undefined: the app is not told. */
  readonly guest: string | undefined;
}

/** What a frame on a host of its own may do: all that a sealed one may, on an origin. */
const hostSandbox = `${appSandbox} allow-same-origin`;

/** Headers of every answer on such a host: only the page around the app, and the app itself, frame it. */
export function hostHeaders(mainOrigin: string): Record<string, string> {
  return {
    "Content-Security-Policy": `sandbox ${hostSandbox}; frame-ancestors 'self' ${mainOrigin}`,
    // Else pages could give up their host for the domain.
    "Origin-Agent-Cluster": "?1",
    ...asDeclared,
    "Cross-Origin-Resource-Policy": "same-origin",
  };
}

/** One request of a guest to an app on a host of its own, and its answer (RULES R35). */
export class HostAnswers extends Reshaped implements Reshape {
  readonly #parts: HostAnswersParts;

  constructor(parts: HostAnswersParts) {
    super(parts);
    this.#parts = parts;
  }

  request(headers: string[]): string[] {
    const { guest, origin } = this.#parts;
    const kept = pairsOf(headers).flatMap(([name, value]) => {
      // A proxy in front may have added the person's.
      if (/^authorization$/i.test(name)) return [];
      if (/^referer$/i.test(name) && !value.startsWith(`${origin}/`)) return [];
      if (/^accept-encoding$/i.test(name)) return [name, onlyReadable(value)];
      return [name, value];
    });
    return guest === undefined ? kept : [...kept, "X-Waiide-Guest", encodeURIComponent(guest)];
  }

  answer({ status, headers }: BackendAnswer): ReshapedAnswer {
    const { request, outer, mainOrigin } = this.#parts;
    const own = Object.entries(hostHeaders(mainOrigin)).flat();
    const isMoved = status >= 300 && status < 400 && status !== 304;
    if (request.headers["sec-fetch-dest"] === "document" && !isMoved && !isAttachment(headers)) {
      const moved = ["Location", outer, "Cache-Control", "no-store", "Content-Length", "0"];
      return { status: 303, headers: [...moved, ...own], body: "none" };
    }
    return this.withText(status, [...this.#kept(headers), ...own], (whole) => this.#text(whole));
  }

  upgraded({ headers }: Omit<BackendAnswer, "status">): string[] {
    return this.#kept(headers);
  }

  #kept(headers: readonly string[]): string[] {
    const kept = pairsOf(headers).flatMap(([name, value]) => {
      if (/^set-cookie$/i.test(name)) return [name, ofFrame(value)];
      // The host is the app's, so its workers are.
      if (loosensSeal(name) && !/^service-worker-allowed$/i.test(name)) return [];
      return /^cache-control$/i.test(name) ? [name, privately(value)] : [name, value];
    });
    // What a guest could see must not be shown after their stay without asking.
    return headerOf(kept, "cache-control") === undefined ? [...kept, "Cache-Control", "private, no-cache"] : kept;
  }

  #text(headers: RawHeaders) {
    const { headers: asked } = this.#parts.request;
    const contentType = headerOf(headers, "content-type") ?? "";
    const { "sec-fetch-mode": mode = "", "sec-fetch-dest": destination = "document" } = asked;
    // A page that the app's service worker asks for in place of a frame has no destination.
    const isByWorker = ["navigate", "same-origin"].includes(String(mode)) && acceptsPage(this.#parts.request);
    const isPage = isByWorker || pageDestinations.has(String(destination));
    if (!isPage || kindOfText(contentType) !== "html" || isAttachment(headers)) return undefined;
    return this.changed(headers, { words: [], html: { head: cookieScript, moved: (address) => address } });
  }
}

/** Browsers keep only such cookies for a frame of another site, and keep them for that site alone. */
function ofFrame(setCookie: string): string {
  const [pair = "", ...attributes] = setCookie.split(";");
  const kept = attributes.filter((attribute) => !/^\s*(?:samesite|secure|partitioned)\s*(?:=|$)/i.test(attribute));
  return [pair, ...kept, " Secure", " SameSite=None", " Partitioned"].join(";");
}
