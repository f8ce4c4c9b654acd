import { pageProof, type Shared } from "@waiide/protocol";
import { timeLeftWords, untilNextTimeLeft } from "@waiide/protocol/duration";

/** The owner may change what is shared meanwhile. Milliseconds. */
const askAgain = 60_000;
/** VS Code makes its title bar anew now and then. Milliseconds. */
const lookAgain = 1_000;

export interface ShareBarAddresses {
  /** Says what is shared. */
  readonly about: string;
  /** Ends this guest's part. */
  readonly leave: string;
  /** Where a guest who left ends up. */
  readonly left: string;
  /** Shows that the page asks, and no other one of the same origin (RULES R5). */
  readonly proof: string;
}

/** Pixels. */
const roomy = 900;

const look = `display: flex; gap: 8px; align-items: center; padding: 0 8px; white-space: nowrap; overflow: hidden; flex: 0 1 auto;
  min-width: 0; font: 12px/22px system-ui, sans-serif; color: var(--vscode-titleBar-activeForeground, CanvasText);
  -webkit-app-region: no-drag; z-index: 2500;`;
/** Where there is no title bar, as in full screen. */
const alone = "position: fixed; top: 0; right: 0; background: var(--vscode-titleBar-activeBackground, Canvas);";
const levelLook =
  "padding: 0 6px; border-radius: 3px; color: var(--vscode-badge-foreground); background: var(--vscode-badge-background);";
const buttonLook = `padding: 0 8px; font: inherit; border: 1px solid var(--vscode-contrastBorder, transparent); border-radius: 3px;
  cursor: pointer; color: var(--vscode-button-secondaryForeground, ButtonText);
  background: var(--vscode-button-secondaryBackground, ButtonFace);`;

/** In the IDE of a Terminal Access guest, what the guest workbench says in its bar: whose, which level, how long; and a way out. */
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
    // VS Code would take the keys for its own commands.
    this.#element.addEventListener("keydown", (event) => event.stopPropagation());
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  start(): void {
    void this.#ask();
    setInterval(() => void this.#ask(), askAgain);
    setInterval(() => this.#place(), lookAgain);
  }

  get #headers(): Record<string, string> {
    return { Accept: "application/json", [pageProof.header]: this.#addresses.proof };
  }

  /** While the server is away the last answer stays: that it is away is said elsewhere. */
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
    // VS Code gives the left part a fifth of the bar; where there is room, the search in the middle makes way.
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
