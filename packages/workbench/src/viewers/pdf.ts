import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy, PDFWorker, TextLayer } from "pdfjs-dist";
import { button, element } from "../page/element.ts";
import { downloadLink, reasonOf, type Viewed } from "./viewer.ts";

/** Distance from the visible part within which pages are drawn. */
const margin = "100% 0px";
const zooms = [0.5, 0.75, 1, 1.25, 1.5, 2, 3] as const;
const defaultZoom = 2;

/**
 * A PDF, drawn by pdf.js as pictures on canvases, with their text over them. Nothing in it runs, its forms and scripts are
 * left out, and it fetches nothing.
 */
export async function show(viewed: Viewed): Promise<void> {
  const { container, name, store } = viewed;
  const data = await viewed.read();
  if (store.isDisposed) return;
  const port = new Worker(new URL("../workers/pdf.worker.ts", import.meta.url), { type: "module", name: "pdf" });
  GlobalWorkerOptions.workerPort = port;
  store.add({ dispose: () => port.terminate() });
  const loading = getDocument({ data, worker: PDFWorker.create({ port }), enableXfa: false, useSystemFonts: true });
  store.add({ dispose: () => void loading.destroy() });
  let document: PDFDocumentProxy;
  try {
    document = await loading.promise;
  } catch (error) {
    if (store.isDisposed) return;
    container.classList.add("centred");
    container.replaceChildren(
      element("p", { role: "status" }, `${name} cannot be shown: ${reasonOf(error)}`),
      downloadLink(viewed),
    );
    return;
  }
  if (store.isDisposed) return;
  const pages = element("div", { class: "pdf-pages", tabindex: "0", role: "document", "aria-label": name });
  const place = element(
    "span",
    { role: "status" },
    `${document.numPages} ${document.numPages === 1 ? "page" : "pages"}`,
  );
  let zoom = defaultZoom;
  const view = new PdfPages(document, pages);
  store.add(view);
  const change = (by: number) => {
    zoom = Math.min(Math.max(zoom + by, 0), zooms.length - 1);
    void view.layOut(zooms[zoom] as number);
  };
  container.classList.add("pdf");
  container.replaceChildren(
    element(
      "div",
      { class: "viewer-tools" },
      button("−", () => change(-1), { "aria-label": "Zoom out" }),
      button("+", () => change(1), { "aria-label": "Zoom in" }),
      place,
      downloadLink(viewed),
    ),
    pages,
  );
  await view.layOut(zooms[zoom] as number);
}

/** Every page has its space; only pages near the visible part are drawn. */
class PdfPages {
  readonly #document: PDFDocumentProxy;
  readonly #container: HTMLElement;
  readonly #observer: IntersectionObserver;
  readonly #drawn = new Map<Element, { cancel(): void }>();
  #scale = 1;

  constructor(document: PDFDocumentProxy, container: HTMLElement) {
    this.#document = document;
    this.#container = container;
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) void this.#draw(target as HTMLElement);
          else this.#clear(target);
        }
      },
      { root: container, rootMargin: margin },
    );
  }

  async layOut(scale: number): Promise<void> {
    this.#scale = scale;
    this.#observer.disconnect();
    for (const place of [...this.#drawn.keys()]) this.#clear(place);
    // Most documents have pages of one size; another size is corrected when the page is drawn.
    const first = (await this.#document.getPage(1)).getViewport({ scale });
    const places = Array.from({ length: this.#document.numPages }, (_, index) => {
      const place = element("div", { class: "pdf-page", "data-page": String(index + 1) });
      place.style.width = `${first.width}px`;
      place.style.height = `${first.height}px`;
      return place;
    });
    this.#container.replaceChildren(...places);
    for (const place of places) this.#observer.observe(place);
  }

  dispose(): void {
    this.#observer.disconnect();
    for (const { cancel } of this.#drawn.values()) cancel();
  }

  async #draw(place: HTMLElement): Promise<void> {
    if (this.#drawn.has(place)) return;
    let isCancelled = false;
    const drawing = {
      cancel() {
        isCancelled = true;
      },
    };
    this.#drawn.set(place, drawing);
    const page = await this.#document.getPage(Number(place.dataset.page));
    const viewport = page.getViewport({ scale: this.#scale });
    const ratio = Math.min(window.devicePixelRatio, 2);
    const canvas = element("canvas", { "aria-hidden": "true" });
    canvas.width = Math.floor(viewport.width * ratio);
    canvas.height = Math.floor(viewport.height * ratio);
    const text = element("div", { class: "textLayer" });
    if (isCancelled) return;
    place.style.width = `${viewport.width}px`;
    place.style.height = `${viewport.height}px`;
    place.style.setProperty("--total-scale-factor", String(this.#scale));
    place.replaceChildren(canvas, text);
    const rendering = page.render({ canvas, viewport, transform: [ratio, 0, 0, ratio, 0, 0] });
    drawing.cancel = () => {
      isCancelled = true;
      rendering.cancel();
    };
    try {
      await rendering.promise;
      await new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
    } catch (error) {
      if (!isCancelled)
        place.replaceChildren(element("p", { role: "status" }, `This page cannot be shown: ${reasonOf(error)}`));
    }
  }

  #clear(place: Element): void {
    this.#drawn.get(place)?.cancel();
    this.#drawn.delete(place);
    place.replaceChildren();
  }
}
