import { type AppWelcome, appSandbox, type Shared, type SharedAppState } from "@waiide/protocol";
import { button, element } from "../page/element.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import { appAddress } from "./app-address.ts";
import { stateWords } from "./app-words.ts";
import { entersOwnHost, ownAddress } from "./own-host.ts";

/** A server that restarts is back sooner; until then the app stays visible. Milliseconds. */
const maxSilence = 10_000;

interface Panel {
  readonly title: string;
  readonly text: string;
  /** The end of a sentence. */
  readonly reason?: string;
  readonly action?: HTMLButtonElement;
}

/**
 * The app in its frame, or why it is not there. The frame shows an address that is good as long as this page's session, and
 * some seconds longer, so that a short loss of the connection does not end what a guest does in the app.
 */
export class AppView {
  readonly element = element("main", { class: "workbench app" });
  readonly #session: Session;
  readonly #announce: (text: string) => void;
  #frame: HTMLIFrameElement | undefined;
  /** The app's address in the welcome that the frame was made for. */
  #address = "";
  #app: AppWelcome | undefined;
  /** Counts loads: a newer one takes the place of one that still waits. */
  #loads = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** @param announce says something to people who use a screen reader */
  constructor(session: Session, announce: (text: string) => void) {
    this.#session = session;
    this.#announce = announce;
    this.#show({ title: "Opening the app …", text: "" });
    session.onLink.listen(({ kind }) => {
      clearTimeout(this.#silence);
      if (kind === "open") void this.#enter();
      if (kind === "paused") this.#showPause();
      if (kind === "away") this.#silence = setTimeout(() => this.#showSilence(), maxSilence);
    });
    session.onApp.listen(({ state, reason }) => {
      if (this.#app === undefined) return;
      this.#app = { ...this.#app, state, reason };
      this.#update();
    });
  }

  /** Whether the app has a host of its own, and can keep things in the browser. */
  get hasOwnHost(): boolean {
    return this.#app?.own_address !== undefined;
  }

  /** Loads the app anew, at the place that the page's address names. */
  reload(): void {
    if (this.#app?.state !== "ready" || this.#session.link.kind !== "open") return;
    this.#address = "";
    this.#update();
  }

  async #enter(): Promise<void> {
    const { app } = this.#session.welcome;
    this.#app = app;
    if (app === undefined) return this.#show({ title: "There is no app here", text: "Reload this page." });
    const isKept = app.state === "ready" && this.#frame !== undefined && (await this.#keep());
    // The connection can have been lost again meanwhile.
    if (this.#session.link.kind !== "open") return;
    if (isKept) this.#uncover();
    else this.#update();
  }

  /** @returns whether the frame's address is still good */
  async #keep(): Promise<boolean> {
    try {
      await this.#session.request("keep-app", { address: this.#address });
      return true;
    } catch (error) {
      if (error instanceof SessionError) return false;
      throw error;
    }
  }

  #update(): void {
    const app = this.#app;
    if (app === undefined) return;
    if (app.state !== "ready") this.#showState(app, app.state);
    else if (this.#frame === undefined || this.#address === "" || !this.#frame.isConnected) void this.#load(app);
  }

  /**
   * A new frame each time: after a reload of this page, browsers may show what a frame of the same name showed before, at an
   * address that is no longer good.
   */
  async #load(app: AppWelcome): Promise<void> {
    const { own_address: own } = app;
    this.#loads += 1;
    const load = this.#loads;
    const isOwn = own !== undefined && (await entersOwnHost(this.#session, own));
    if (load !== this.#loads || this.#session.link.kind !== "open" || this.#app?.state !== "ready") return;
    const { owner } = this.#shared;
    const frame = element("iframe", {
      name: `app-${crypto.randomUUID()}`,
      title: `${app.title}, an app of ${owner}`,
      // Its host serves nothing but this app.
      sandbox: isOwn ? `${appSandbox} allow-same-origin` : appSandbox,
      // Not full screen: the app would hide the bar.
      allow: "clipboard-write *",
      referrerpolicy: "no-referrer",
    });
    frame.src = isOwn ? ownAddress(app, own, location.hash) : appAddress(app, location.hash, location.href);
    this.#address = app.address;
    this.#frame = frame;
    this.element.replaceChildren(frame);
  }

  #uncover(): void {
    for (const panel of this.element.querySelectorAll(".app-panel")) panel.remove();
    if (this.#frame !== undefined) this.#frame.hidden = false;
  }

  #showState(app: AppWelcome, state: Exclude<SharedAppState, "ready">): void {
    const { owner } = this.#shared;
    const { title, text, start } = stateWords(state, { owner, title: app.title, mayStart: app.may_start });
    const action = start === undefined ? {} : { action: button(start, () => void this.#start(), { class: "primary" }) };
    this.#show({ title, text, ...(app.reason === "" ? {} : { reason: app.reason }), ...action });
  }

  async #start(): Promise<void> {
    for (const made of this.element.querySelectorAll("button")) made.disabled = true;
    try {
      await this.#session.request("start-app", {});
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      for (const made of this.element.querySelectorAll("button")) made.disabled = false;
      this.element.querySelector(".app-panel [role=alert]")?.replaceChildren(error.message);
    }
  }

  #showPause(): void {
    const action = button("Resume", () => this.#session.resume(), { class: "primary" });
    this.#show({
      title: "Paused",
      text: "This page was hidden or without input for a while, so it closed the app. Resuming opens it anew.",
      action,
    });
    action.focus();
  }

  /** The frame stays below: if the address is good again in time, nothing was lost. */
  #showSilence(): void {
    const { owner } = this.#shared;
    const text = `The server of ${owner} does not answer: it may be restarting, or may have been stopped. This page continues by itself.`;
    const panel = this.#panel({ title: "No connection", text });
    if (this.#frame?.isConnected) {
      this.#frame.hidden = true;
      this.element.querySelector(".app-panel")?.remove();
      this.element.append(panel);
    } else {
      this.element.replaceChildren(panel);
    }
  }

  #show(panel: Panel): void {
    this.#loads += 1;
    this.#frame = undefined;
    this.element.replaceChildren(this.#panel(panel));
  }

  #panel({ title, text, reason, action }: Panel): HTMLElement {
    this.#announce(`${title}. ${text}`);
    return element(
      "section",
      { class: "end app-panel" },
      element("h1", {}, title),
      element("p", {}, text),
      ...(reason === undefined ? [] : [element("p", { class: "soft" }, `Reason: ${reason}.`)]),
      ...(action === undefined ? [] : [action, element("p", { role: "alert", class: "app-problem" })]),
    );
  }

  get #shared(): Pick<Shared, "owner"> {
    return this.#session.share ?? { owner: "The owner" };
  }
}
