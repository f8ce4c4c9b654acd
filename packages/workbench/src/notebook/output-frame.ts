/** No output is higher than this; it scrolls. Pixels. */
const highest = 800;

/** Characters. */
const maxAddressLength = 2_000;

const hostName = /^[a-z0-9.-]{1,100}$/;

export type FrameKind = "still" | "scripted";

/**
 * A notebook's output in a frame without an origin and without network. `still`: nothing runs but a script of ours, which takes
 * the sanitized HTML and reports its height; `scripted`: its scripts run, because a person allowed them.
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

  /** The frame reports that a request to this host was refused. */
  onRefused(listener: (host: string) => void): void {
    this.#refused = listener;
  }

  /** Called when somebody clicks a link in the frame. The frame itself does not navigate. */
  onLink(listener: (address: string) => void): void {
    this.#followed = listener;
  }

  dispose(): void {
    window.removeEventListener("message", this.#listener);
    this.element.remove();
  }

  /** Untrusted: anything may run in the frame, so only four messages are accepted. */
  #receive({ source, data }: MessageEvent<unknown>): void {
    if (source === null || source !== this.element.contentWindow || typeof data !== "object" || data === null) return;
    if ("ready" in data) {
      const { color, colorScheme } = getComputedStyle(this.element);
      // A frame without an origin has no target origin.
      this.element.contentWindow?.postMessage(
        { html: this.#html, style: `color:${color};color-scheme:${colorScheme}` },
        "*",
      );
    }
    if ("refused" in data && typeof data.refused === "string" && hostName.test(data.refused)) {
      this.#refused(data.refused);
    }
    // A script can send that, too, but it counts only after a person's click.
    if ("link" in data && typeof data.link === "string" && navigator.userActivation.isActive) {
      this.#followed(data.link.slice(0, maxAddressLength));
    }
    if ("height" in data && typeof data.height === "number" && data.height >= 0) {
      this.element.style.height = `${Math.min(Math.ceil(data.height), highest)}px`;
    }
  }
}
