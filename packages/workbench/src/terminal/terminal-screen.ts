import "@xterm/xterm/css/xterm.css";
import { type ITheme, Terminal } from "@xterm/xterm";
import type { TerminalNews } from "../session/session.ts";
import { dark, highContrast, light } from "./terminal-colors.ts";

/** Pixels. Smaller text than the second cannot be read; the page scrolls sideways then. */
const fontSize = 13;
const minFontSize = 8;
/** The terminal's own scroll bar. Pixels. */
const scrollBar = 16;
const fontFamily = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/**
 * Operating system commands that a page must not obey: titles, hyperlinks, the clipboard. What a terminal writes is shown and
 * does nothing.
 */
const ignoredCommands = [0, 1, 2, 8, 9, 52, 777, 1337];

/** Without it the cursor appears with the first key only, which never comes. */
const showCursor = "\u001b[?25h";

/** What a terminal of the owner shows, read only. This file brings xterm.js, so it is loaded when the first one is shown. */
export class TerminalScreen {
  readonly #terminal: Terminal;
  readonly #container: HTMLElement;
  readonly #resizes: ResizeObserver;
  readonly #themes: MutationObserver;

  /** @param label what screen readers call it */
  constructor(container: HTMLElement, label: string) {
    this.#container = container;
    this.#terminal = new Terminal({
      disableStdin: true,
      screenReaderMode: true,
      scrollback: 5_000,
      fontFamily,
      fontSize,
      minimumContrastRatio: 4.5,
      cursorInactiveStyle: "outline",
      logLevel: "off",
      theme: themeOf(document.body),
    });
    for (const command of ignoredCommands) this.#terminal.parser.registerOscHandler(command, () => true);
    // Keys stay the browser's, Tab above all: only those that scroll are ours.
    this.#terminal.attachCustomKeyEventHandler((event) => this.#scroll(event));
    this.#terminal.open(container);
    this.#terminal.textarea?.setAttribute("aria-label", label);
    this.#terminal.textarea?.setAttribute("readonly", "");
    this.#resizes = new ResizeObserver(() => this.#fit());
    this.#resizes.observe(container);
    this.#themes = new MutationObserver(() => {
      this.#terminal.options.theme = themeOf(document.body);
    });
    this.#themes.observe(document.body, { attributeFilter: ["data-theme"] });
  }

  take(news: TerminalNews): void {
    if (news.type === "terminal-output") {
      this.#terminal.write(news.data);
      return;
    }
    if (news.type === "terminal-screen") this.#terminal.reset();
    this.#terminal.resize(news.columns, news.rows);
    this.#fit();
    if (news.type === "terminal-screen") this.#terminal.write(showCursor + news.data);
  }

  close(): void {
    this.#resizes.disconnect();
    this.#themes.disconnect();
    this.#terminal.dispose();
    this.#container.replaceChildren();
  }

  #scroll(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return false;
    if (event.key === "PageUp") this.#terminal.scrollPages(-1);
    else if (event.key === "PageDown") this.#terminal.scrollPages(1);
    return false;
  }

  /** The owner's size counts: smaller text shows the same lines. */
  #fit(): void {
    const room = this.#container.clientWidth - scrollBar;
    if (room <= 0) return;
    const size = Math.floor((room / (this.#terminal.cols * widthOfLetter())) * 10) / 10;
    const fitting = Math.max(minFontSize, Math.min(fontSize, size));
    if (this.#terminal.options.fontSize !== fitting) this.#terminal.options.fontSize = fitting;
  }
}

let measured: number | undefined;

/** At one pixel of font size. */
function widthOfLetter(): number {
  if (measured !== undefined) return measured;
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return 0.6;
  context.font = `100px ${fontFamily}`;
  measured = context.measureText("W").width / 100;
  return measured;
}

function themeOf(body: HTMLElement): ITheme {
  const theme = body.dataset.theme ?? "";
  if (theme === "hc-dark") return highContrast;
  return theme === "dark" ? dark : light;
}
