import katexStyle from "katex/dist/katex.min.css?url";
import { targetOf } from "./address.ts";
import renderedStyle from "./rendered.css?url";
import type { Surroundings } from "./surroundings.ts";

/** The frame's content fetches nothing but our own styles and fonts, and pictures that we pass in. */
const policy = "default-src 'none'; img-src blob: data:; style-src 'self' 'unsafe-inline'; font-src 'self'";

/**
 * A frame for rendered text: its sandbox lets no script run, whatever the content is. It has our origin, so that we can fill
 * and measure it; without scripts, its content cannot use that.
 */
export class SafeFrame {
  readonly element: HTMLIFrameElement;
  readonly #surroundings: Surroundings;
  readonly #ready: Promise<Document>;
  readonly #theme: { dispose(): void };
  #render: (() => DocumentFragment) | undefined;
  #sizes: ResizeObserver | undefined;

  /** @param kind `cell`: as high as its content */
  constructor(surroundings: Surroundings, title: string, kind: "page" | "cell") {
    this.#surroundings = surroundings;
    const frame = document.createElement("iframe");
    this.element = frame;
    frame.title = title;
    frame.className = `safe-frame ${kind}`;
    frame.setAttribute("sandbox", "allow-same-origin");
    frame.srcdoc = `<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="${policy}"></head><body class="${kind}"><main></main></body></html>`;
    this.#ready = new Promise((resolve, reject) => {
      frame.addEventListener("load", () => {
        const inner = frame.contentDocument;
        if (inner === null) return reject(new Error("the frame has no document"));
        this.#prepare(inner, kind);
        resolve(inner);
      });
    });
    this.#theme = surroundings.theme.onChange(() => {
      void this.#ready.then((inner) => this.#dress(inner));
      // Each theme numbers its colors anew.
      void this.#show();
    });
  }

  /** @param render called once more for each theme */
  async show(render: () => DocumentFragment): Promise<void> {
    this.#render = render;
    await this.#show();
  }

  async #show(): Promise<void> {
    const inner = await this.#ready;
    if (this.#render !== undefined) inner.querySelector("main")?.replaceChildren(inner.adoptNode(this.#render()));
  }

  dispose(): void {
    this.#sizes?.disconnect();
    this.#theme.dispose();
    this.element.remove();
  }

  #prepare(inner: Document, kind: "page" | "cell"): void {
    for (const address of [katexStyle, renderedStyle]) {
      const link = inner.createElement("link");
      link.rel = "stylesheet";
      link.href = new URL(address, import.meta.url).href;
      inner.head.append(link);
    }
    inner.head.append(Object.assign(inner.createElement("style"), { id: "theme" }));
    this.#dress(inner);
    for (const kind of ["click", "auxclick"]) {
      inner.addEventListener(kind, (event) => this.#click(event, inner));
    }
    const main = inner.querySelector("main");
    if (kind !== "cell" || main === null) return;
    this.#sizes = new ResizeObserver(() => {
      this.element.style.height = `${Math.ceil(main.getBoundingClientRect().height)}px`;
    });
    this.#sizes.observe(main);
  }

  #dress(inner: Document): void {
    const { colours, variables } = this.#surroundings.theme;
    const style = inner.getElementById("theme");
    if (style !== null) style.textContent = colours;
    for (const [name, value] of Object.entries(variables)) inner.documentElement.style.setProperty(name, value);
    inner.documentElement.style.colorScheme = getComputedStyle(document.body).colorScheme;
  }

  #click(event: Event, inner: Document): void {
    // The node may come from the frame or from our page: `instanceof` recognizes one of the two only.
    const link = (event.target as Partial<Element> | null)?.closest?.("a, area");
    if (link == null) return;
    event.preventDefault();
    const address = link.getAttribute("href") ?? link.getAttribute("xlink:href");
    if (address === null) return;
    const target = targetOf(address, this.#surroundings.path);
    if (target.kind === "here") inner.getElementById(target.fragment)?.scrollIntoView();
    else this.#surroundings.open(target);
  }
}
