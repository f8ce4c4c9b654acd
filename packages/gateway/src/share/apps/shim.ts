import type { Word } from "./texts/base-words.ts";
import { styleAddress } from "./texts/style-addresses.ts";

/** What the shim is told, as JSON. */
export interface ShimSettings {
  /** Where the app is for this guest; begins and ends with `/`. */
  readonly prefix: string;
  /** Whether addresses that leave out the prefix belong to the app. */
  readonly rootRelative: boolean;
  readonly words: readonly Word[];
  /** What `document.cookie` shows. */
  readonly cookies: Readonly<Record<string, string>>;
}

/** Paths of ours below the prefix, which no app has. */
export const shimPaths = { cookie: "__waiide__/cookie", attach: "__waiide__/attach/" } as const;
/** Names the cookies that an answer changed. */
export const cookiesHeader = "X-Waiide-Cookies";

/** The element that runs the shim, for the head of a page. */
export function shimElement(settings: ShimSettings): string {
  const json = JSON.stringify(settings)
    .replaceAll("<", "\\u003c")
    .replace(/[^\0-\x7e]/gu, unicodeEscape);
  return `<script>(${shim})(${json})</script>`;
}

function unicodeEscape(character: string): string {
  return [...character.split("")].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

/**
 * Runs before the first script of each page of a shared app. The page has an opaque origin, where storage, cookies and workers
 * throw and addresses lack the prefix: these get replacements, which live as long as the page. It protects nothing: what the
 * page may do is said by the headers.
 */
const shim = String.raw`(config) => {
  "use strict";
  // What a browser does not let us replace stays as it is: the page meets that browser's own error.
  const define = (object, name, value) => {
    try { Object.defineProperty(object, name, { configurable: true, enumerable: true, ...value }); } catch {}
  };
  const nativeFetch = window.fetch.bind(window);

  // Storage in memory, with storage.key access like the real one.
  const makeStorage = () => {
    const map = new Map();
    const methods = {
      getItem: (key) => (map.has(String(key)) ? map.get(String(key)) : null),
      setItem: (key, value) => void map.set(String(key), String(value)),
      removeItem: (key) => void map.delete(String(key)),
      clear: () => map.clear(),
      key: (index) => [...map.keys()][index] ?? null,
    };
    const read = (name) => {
      if (name === "length") return map.size;
      if (Object.hasOwn(methods, name)) return methods[name];
      return typeof name === "string" ? map.get(name) : undefined;
    };
    return new Proxy(Object.create(Storage.prototype), {
      get: (_target, name) => read(name),
      set: (_target, name, value) => (map.set(String(name), String(value)), true),
      has: (_target, name) => map.has(name) || name === "length" || Object.hasOwn(methods, name),
      deleteProperty: (_target, name) => (map.delete(name), true),
      ownKeys: () => [...map.keys()],
      getOwnPropertyDescriptor: (_target, name) =>
        map.has(name) ? { value: map.get(name), writable: true, enumerable: true, configurable: true } : undefined,
    });
  };
  for (const name of ["localStorage", "sessionStorage"]) define(window, name, { value: makeStorage() });

  // What pages look for before they do without: absent, in place of throwing.
  try { delete Navigator.prototype.serviceWorker; } catch {}
  for (const name of ["indexedDB", "caches", "cookieStore"]) define(window, name, { value: undefined });

  // The gateway keeps the app's cookies; those that scripts may read are mirrored here.
  const jar = new Map(Object.entries(config.cookies));
  const ends = (text) => {
    const maxAge = /;\s*max-age\s*=\s*(-?\d+)/i.exec(text);
    if (maxAge) return Number(maxAge[1]) <= 0;
    const expires = /;\s*expires\s*=([^;]*)/i.exec(text);
    return expires !== null && Date.parse(expires[1]) <= Date.now();
  };
  define(document, "cookie", {
    get: () => [...jar].map(([name, value]) => name + "=" + value).join("; "),
    set: (given) => {
      const text = String(given);
      const [pair] = text.split(";");
      const at = pair.indexOf("=");
      const name = at < 0 ? "" : pair.slice(0, at).trim();
      if (ends(text)) jar.delete(name);
      else jar.set(name, pair.slice(at + 1).trim());
      const body = JSON.stringify({ text, path: location.pathname.slice(config.prefix.length - 1) });
      nativeFetch(config.prefix + "${shimPaths.cookie}", { method: "POST", body, credentials: "omit", keepalive: true }).catch(() => {});
    },
  });
  const learn = (header) => {
    if (!header) return;
    for (const [name, value] of Object.entries(JSON.parse(header))) {
      if (value === null) jar.delete(name);
      else jar.set(name, value);
    }
  };

  // Addresses that leave out the prefix ("/static/app.js"), or name the path that the app was told.
  const moved = (address) => {
    try {
      const url = new URL(String(address), document.baseURI);
      if (url.host !== location.host || !/^(http|ws)s?:$/.test(url.protocol)) return address;
      if (url.pathname.startsWith(config.prefix)) return address;
      const word = config.words.find(({ from }) => url.pathname.startsWith(from));
      if (word) url.pathname = word.to + url.pathname.slice(word.from.length);
      else if (config.rootRelative) url.pathname = config.prefix + url.pathname.slice(1);
      else return address;
      return url.href;
    } catch { return address; }
  };
  window.fetch = function fetch(input, init) {
    if (input instanceof Request) { if (moved(input.url) !== input.url) input = new Request(moved(input.url), input); }
    else input = moved(input);
    return nativeFetch(input, init).then((answer) => (learn(answer.headers.get("${cookiesHeader}")), answer));
  };
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.addEventListener("readystatechange", () => {
      if (this.readyState === 2 && /^${cookiesHeader}:/im.test(this.getAllResponseHeaders())) learn(this.getResponseHeader("${cookiesHeader}"));
    });
    return open.call(this, method, moved(url), ...rest);
  };
  for (const name of ["WebSocket", "EventSource"]) {
    window[name] = new Proxy(window[name], { construct: (target, [url, ...rest], made) => Reflect.construct(target, [moved(url), ...rest], made) });
  }
  const beacon = Navigator.prototype.sendBeacon;
  Navigator.prototype.sendBeacon = function (url, data) { return beacon.call(this, moved(url), data); };
  const openWindow = window.open;
  window.open = function (url, ...rest) { return openWindow.call(window, url === undefined || url === "" ? url : moved(url), ...rest); };
  for (const name of ["pushState", "replaceState"]) {
    const native = History.prototype[name];
    History.prototype[name] = function (state, title, url) { return native.call(this, state, title, url === undefined || url === null ? url : moved(url)); };
  }

  // Elements that scripts make; those of the page itself the gateway has changed.
  const elements = [
    ["HTMLScriptElement", "src"], ["HTMLLinkElement", "href"], ["HTMLImageElement", "src"], ["HTMLIFrameElement", "src"], ["HTMLMediaElement", "src"],
    ["HTMLSourceElement", "src"], ["HTMLEmbedElement", "src"], ["HTMLObjectElement", "data"], ["HTMLAnchorElement", "href"], ["HTMLFormElement", "action"],
  ];
  for (const [type, name] of elements) {
    const native = Object.getOwnPropertyDescriptor(window[type].prototype, name);
    Object.defineProperty(window[type].prototype, name, { ...native, set(value) { native.set.call(this, moved(value)); } });
  }
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    const isAddress = /^(src|href|action|data|poster)$/i.test(name) && !(this instanceof SVGElement) && !String(value).startsWith("#");
    return setAttribute.call(this, name, isAddress ? moved(value) : value);
  };

  // Styles that scripts make, before anything is drawn by them.
  const restyled = (text) =>
    String(text).replace(${styleAddress}, (_whole, opening, path) => opening + moved(path));
  for (const name of ["insertRule", "replace", "replaceSync"]) {
    const native = CSSStyleSheet.prototype[name];
    CSSStyleSheet.prototype[name] = function (text, ...rest) { return native.call(this, restyled(text), ...rest); };
  }
  const restyle = (style) => {
    const text = restyled(style.textContent);
    if (text !== style.textContent) style.textContent = text;
  };
  if (config.rootRelative) {
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        if (target instanceof HTMLStyleElement) restyle(target);
        for (const node of addedNodes) {
          if (node instanceof HTMLStyleElement) restyle(node);
          else if (node.firstElementChild) node.querySelectorAll("style").forEach(restyle);
        }
      }
    }).observe(document, { childList: true, subtree: true });
  }

  // Browsers ignore <a download> across origins, and to an opaque origin everything is across.
  const saves = (link) => {
    const url = new URL(link.href, document.baseURI);
    if (url.host !== location.host || !url.pathname.startsWith(config.prefix) || url.pathname.includes("/__waiide__/")) return;
    const name = link.download || url.pathname.split("/").pop() || "download";
    const before = link.getAttribute("href");
    setAttribute.call(link, "href", config.prefix + "${shimPaths.attach}" + encodeURIComponent(name) + "/" + url.pathname.slice(config.prefix.length) + url.search);
    setTimeout(() => setAttribute.call(link, "href", before));
  };
  addEventListener("click", (event) => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement && node.hasAttribute("download"));
    if (link && !event.defaultPrevented) saves(link);
  });
  // Clicks on a link that is in no document are seen by nobody else.
  const click = HTMLElement.prototype.click;
  HTMLAnchorElement.prototype.click = function () {
    if (!this.isConnected && this.hasAttribute("download")) saves(this);
    return click.call(this);
  };

  // Workers must have the page's origin, and no address has: they start from a text of ours.
  for (const name of ["Worker", "SharedWorker"]) {
    if (!window[name]) continue;
    window[name] = new Proxy(window[name], {
      construct(target, [url, options, ...rest], made) {
        const address = new URL(String(moved(url)), document.baseURI).href;
        if (/^(blob|data):/.test(address)) return Reflect.construct(target, [address, options, ...rest], made);
        const quoted = JSON.stringify(address);
        const classic = "{const load=self.importScripts.bind(self),ask=self.fetch.bind(self);" +
          "self.importScripts=(...all)=>load(...all.map((one)=>new URL(one," + quoted + ").href));" +
          "self.fetch=(one,init)=>ask(one instanceof Request?one:new URL(one," + quoted + ").href,init);}importScripts(" + quoted + ");";
        const code = options && options.type === "module" ? "import " + quoted + ";" : classic;
        return Reflect.construct(target, [URL.createObjectURL(new Blob([code], { type: "text/javascript" })), options, ...rest], made);
      },
    });
  }
}`;
