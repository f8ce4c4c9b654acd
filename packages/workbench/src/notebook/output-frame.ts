/** No output is higher than this; it scrolls. Pixels. */
const highest = 800;

/** Characters. */
const maxAddressLength = 2_000;

const hostName = /^[a-z0-9.-]{1,100}$/;

export type FrameKind = "still" | "scripted";

/**
 * Output of a notebook in a frame of no origin and without network. `still`: nothing of it runs, only a script of ours that
 * takes the sanitized HTML and tells its height; `scripted`: its scripts run, because a person said so.
 */
export class OutputFrame {
  readonly element: HTMLIFrameElement;
  readonly #html: string;
  readonly #listener: (event: MessageEvent) => void;
  #refused: (host: string) => void = () => {};
  #followed: (address: string) => void = () => {};

  constructor(html: string, kind: FrameKind) {
    this.#html = html;
    const frame = document.createElement("iframe");
    this.element = frame;
    frame.className = "output-frame";
    frame.title = kind === "still" ? "Output" : "Output with its script";
    frame.setAttribute("sandbox", "allow-scripts");
    frame.referrerPolicy = "no-referrer";
    frame.src =
      kind === "still"
        ? new URL("./frames/output.html", import.meta.url).href
        : new URL("./frames/scripted.html", import.meta.url).href;
    this.#listener = (event) => this.#receive(event);
    window.addEventListener("message", this.#listener);
  }

  /** The frame says that it was refused something from this host. */
  onRefused(listener: (host: string) => void): void {
    this.#refused = listener;
  }

  /** Somebody has clicked on a link in it. The frame itself goes nowhere. */
  onLink(listener: (address: string) => void): void {
    this.#followed = listener;
  }

  dispose(): void {
    window.removeEventListener("message", this.#listener);
    this.element.remove();
  }

  /** From a frame that anything may run in: only four words are understood. */
  #receive({ source, data }: MessageEvent<unknown>): void {
    if (source === null || source !== this.element.contentWindow || typeof data !== "object" || data === null) return;
    if ("ready" in data) {
      const { color, colorScheme } = getComputedStyle(this.element);
      // A frame without an origin cannot be named as a target.
      this.element.contentWindow?.postMessage(
        { html: this.#html, style: `color:${color};color-scheme:${colorScheme}` },
        "*",
      );
    }
    if ("refused" in data && typeof data.refused === "string" && hostName.test(data.refused)) {
      this.#refused(data.refused);
    }
    // A script may say that, too; but only a person's click makes it count.
    if ("link" in data && typeof data.link === "string" && navigator.userActivation.isActive) {
      this.#followed(data.link.slice(0, maxAddressLength));
    }
    if ("height" in data && typeof data.height === "number" && data.height >= 0) {
      this.element.style.height = `${Math.min(Math.ceil(data.height), highest)}px`;
    }
  }
}
