import { pageProof, type Shared } from "@waiide/protocol";
import { timeLeftWords, untilNextTimeLeft } from "@waiide/protocol/duration";

/** How often the share is fetched: the owner may change it. Milliseconds. */
const fetchInterval = 60_000;
/** How often the bar is put back: VS Code sometimes recreates its title bar. Milliseconds. */
const checkInterval = 1_000;

export interface ShareBarAddresses {
  /** URL of the facts about the share. */
  readonly about: string;
  /** URL that ends this guest's session. */
  readonly leave: string;
  /** URL of the page for guests who left. */
  readonly left: string;
  /** Proves that requests come from this page, and not from another one of the same origin (RULES R5). */
  readonly proof: string;
}

/** Pixels. */
const roomy = 900;

const look = `display: flex; gap: 8px; align-items: center; padding: 0 8px; white-space: nowrap; overflow: hidden; flex: 0 1 auto;
  min-width: 0; font: 12px/22px system-ui, sans-serif; color: var(--vscode-titleBar-activeForeground, CanvasText);
  -webkit-app-region: no-drag; z-index: 2500;`;
/** Used without a title bar, as in full screen. */
const alone = "position: fixed; top: 0; right: 0; background: var(--vscode-titleBar-activeBackground, Canvas);";
const levelLook =
  "padding: 0 6px; border-radius: 3px; color: var(--vscode-badge-foreground); background: var(--vscode-badge-background);";
const buttonLook = `padding: 0 8px; font: inherit; border: 1px solid var(--vscode-contrastBorder, transparent); border-radius: 3px;
  cursor: pointer; color: var(--vscode-button-secondaryForeground, ButtonText);
  background: var(--vscode-button-secondaryBackground, ButtonFace);`;

/** The bar in a Terminal Access guest's IDE: owner, level, time left and a Leave button, as in the guest workbench. */
export class ShareBar {
  readonly #addresses: ShareBarAddresses;
  readonly #element = document.createElement("div");
  readonly #whose = document.createElement("strong");
  readonly #level = document.createElement("span");
  readonly #time = document.createElement("span");
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLeaving = false;

  constructor(addresses: ShareBarAddresses) {
    this.#addresses = addresses;
    const leave = document.createElement("button");
    leave.type = "button";
    leave.textContent = "Leave";
    leave.style.cssText = buttonLook;
    leave.addEventListener("click", () => void this.#leave());
    this.#whose.style.cssText =
      "flex: none; max-width: 180px; overflow: hidden; text-overflow: ellipsis; font-weight: 600;";
    this.#level.style.cssText = levelLook;
    this.#element.className = "waiide-share-bar";
    this.#element.setAttribute("role", "group");
    this.#element.setAttribute("aria-label", "This share");
    this.#element.append(this.#whose, this.#level, this.#time, leave);
    // VS Code would treat the keys as its own commands.
    this.#element.addEventListener("keydown", (event) => event.stopPropagation());
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  start(): void {
    void this.#ask();
    setInterval(() => void this.#ask(), fetchInterval);
    setInterval(() => this.#place(), checkInterval);
  }

  get #headers(): Record<string, string> {
    return { Accept: "application/json", [pageProof.header]: this.#addresses.proof };
  }

  /** While the server does not answer, the last facts stay: another notice says that it is away. */
  async #ask(): Promise<void> {
    try {
      const response = await fetch(this.#addresses.about, {
        cache: "no-store",
        headers: this.#headers,
      });
      if (response.ok) this.#show((await response.json()) as Shared);
    } catch (error) {
      console.debug("WAIIDE: the share's details are not available now.", error);
    }
  }

  #show({ owner, root_name, permission, promise, time_left }: Shared): void {
    this.#whose.textContent = `${owner}: ${root_name}`;
    this.#level.textContent = permission;
    this.#level.title = promise;
    this.#count(time_left === null ? null : performance.now() + time_left);
    this.#place();
  }

  #count(endsAt: number | null): void {
    clearTimeout(this.#timer);
    const left = endsAt === null ? null : endsAt - performance.now();
    this.#time.textContent = timeLeftWords(left);
    if (left !== null && left > 0) this.#timer = setTimeout(() => this.#count(endsAt), untilNextTimeLeft(left));
  }

  #place(): void {
    const workbench = document.querySelector(".monaco-workbench");
    if (this.#level.textContent === "" || workbench === null) return;
    const titleBar = workbench.querySelector<HTMLElement>(".part.titlebar .titlebar-left");
    const isThere = titleBar !== null && titleBar.offsetHeight > 0;
    const place = isThere ? titleBar : workbench;
    if (this.#element.parentElement === place) return;
    this.#element.style.cssText = isThere ? look : `${look} ${alone}`;
    place.append(this.#element);
    // VS Code gives the left part a fifth of the bar; the search box in the middle moves if there is room.
    if (isThere) titleBar.style.minWidth = window.innerWidth >= roomy ? "max-content" : "";
  }

  async #leave(): Promise<void> {
    const { leave, left } = this.#addresses;
    // The gateway closes the IDE's sockets before it answers.
    this.#isLeaving = true;
    const response = await fetch(leave, { method: "POST", headers: this.#headers }).catch(() => undefined);
    if (response?.ok) {
      location.replace(left);
      return;
    }
    this.#isLeaving = false;
    this.#time.textContent = "The server does not answer. Try again in a moment.";
  }
}
