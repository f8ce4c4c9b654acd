import type { ShownTerminal } from "@waiide/protocol";
import type { Bar } from "../page/bar.ts";
import { button, element } from "../page/element.ts";
import type { Session, TerminalNews } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import "./terminal-panel.css";

type Screen = import("./terminal-screen.ts").TerminalScreen;

/** The panel below the workbench with a terminal that the owner shows: guests watch it and cannot type. */
export class TerminalPanel {
  readonly #session: Session;
  readonly #bar: Bar;
  readonly #tabs = element("div", { class: "terminals-tabs" });
  readonly #body = element("div", { class: "terminals-body" });
  readonly #element: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  #terminals: readonly ShownTerminal[] = [];
  /** The one that this page watches. */
  #watched: string | undefined;
  #screen: Screen | undefined;
  /** What came before xterm.js was loaded. */
  #early: TerminalNews[] = [];

  /** @param opensByItself false on a phone, where it would cover the text */
  constructor({ session, bar, opensByItself }: { session: Session; bar: Bar; opensByItself: boolean }) {
    this.#session = session;
    this.#bar = bar;
    this.#element = element(
      "section",
      { class: "terminals", hidden: "" },
      element(
        "header",
        { class: "terminals-head" },
        this.#tabs,
        element("span", { class: "terminals-live" }, "Live, read only"),
        button("Hide Terminal", () => this.#hide()),
      ),
      this.#body,
    );
    this.#toggle = bar.addTool("Terminal", () => (this.#watched === undefined ? this.#watch() : this.#hide()));
    this.#toggle.hidden = true;
    document.body.append(this.#element);
    session.onTerminals.listen((terminals) => this.#show(terminals, opensByItself));
    session.onTerminal.listen((news) => this.#take(news));
    // A new connection watches nothing.
    session.onReturn.listen(() => this.#watched !== undefined && this.#ask(this.#watched, true));
    session.onLink.listen(({ kind }) => {
      if (kind !== "ended") return;
      this.#leave();
      this.#element.remove();
    });
    this.#show(session.terminals, opensByItself);
  }

  #show(terminals: readonly ShownTerminal[], opensByItself: boolean): void {
    const before = this.#terminals;
    this.#terminals = terminals;
    const isThere = terminals.some(({ terminal }) => terminal === this.#watched);
    if (!isThere) this.#leave();
    const fresh = terminals.find(({ terminal }) => !before.some((one) => one.terminal === terminal));
    const owner = this.#session.welcome.share.owner;
    if (fresh !== undefined) {
      this.#bar.announce(`${owner} shows a terminal: ${fresh.name}.`);
      if (opensByItself && this.#watched === undefined) this.#watch(fresh.terminal);
    } else if (before.length > 0 && terminals.length === 0) this.#bar.announce(`${owner} no longer shows a terminal.`);
    this.#draw();
  }

  #watch(terminal = this.#terminals[0]?.terminal): void {
    if (terminal === undefined || terminal === this.#watched) return;
    this.#leave();
    this.#watched = terminal;
    this.#draw();
    this.#ask(terminal, true);
    void this.#load(terminal);
  }

  async #load(terminal: string): Promise<void> {
    const { TerminalScreen } = await import("./terminal-screen.ts");
    if (this.#watched !== terminal || this.#screen !== undefined) return;
    this.#screen = new TerminalScreen(this.#body, `${this.#label()}, read only`);
    for (const news of this.#early) this.#screen.take(news);
    this.#early = [];
  }

  #take(news: TerminalNews): void {
    if (news.terminal !== this.#watched) return;
    if (this.#screen !== undefined) this.#screen.take(news);
    // What follows a whole screen needs no more than it.
    else this.#early = news.type === "terminal-screen" ? [news] : [...this.#early, news];
  }

  #hide(): void {
    if (this.#watched !== undefined) this.#ask(this.#watched, false);
    this.#leave();
    this.#draw();
    this.#toggle.focus();
  }

  #leave(): void {
    this.#watched = undefined;
    this.#early = [];
    this.#screen?.close();
    this.#screen = undefined;
  }

  /** It may be over before the gateway answers. */
  #ask(terminal: string, on: boolean): void {
    void this.#session.request("watch-terminal", { terminal, on }).catch((error: unknown) => {
      if (!(error instanceof SessionError)) throw error;
    });
  }

  #label(): string {
    return `Terminal of ${this.#session.welcome.share.owner}`;
  }

  #draw(): void {
    const isOpen = this.#watched !== undefined;
    this.#element.hidden = !isOpen;
    this.#element.setAttribute("aria-label", this.#label());
    this.#toggle.hidden = this.#terminals.length === 0;
    this.#toggle.setAttribute("aria-expanded", String(isOpen));
    const tabs = this.#terminals.map(({ terminal, name }) => {
      const tab = button(name, () => this.#watch(terminal));
      tab.setAttribute("aria-pressed", String(terminal === this.#watched));
      return tab;
    });
    this.#tabs.replaceChildren(element("strong", {}, this.#label()), ...tabs);
  }
}
