import { type KeeperMessage, keeperChannel } from "@waiide/protocol";

/** The extension that keeps unsaved text answers within this time, or is missing. Milliseconds. */
const maxWait = 2_000;

export type Kept = Extract<KeeperMessage, { kind: "kept" }>;

/** Reloads the page without losing unsaved text. */
export class Leaving {
  readonly #channel: BroadcastChannel;
  #everythingKept = false;
  #isSure = false;

  /** @param page its name. @param onKept the extension is there, and tells what it has kept */
  constructor(page: string, onKept: (kept: Kept) => void) {
    this.#channel = new BroadcastChannel(keeperChannel(page));
    this.#channel.addEventListener("message", ({ data }: MessageEvent<KeeperMessage>) => {
      if (data.kind !== "kept") return;
      this.#everythingKept = data.everything;
      onKept(data);
    });
    // Runs before VS Code's listener, which would let the browser ask. Kept text is offered after the reload.
    window.addEventListener("beforeunload", (event) => {
      if (this.#isSure) event.stopImmediatePropagation();
    });
  }

  /**
   * Whether VS Code would let the page close without a question, because everything is saved or backed up at the server. Asks
   * VS Code as the browser would.
   */
  get isClean(): boolean {
    const question = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(question);
    return !question.defaultPrevented;
  }

  /** Reloads without a question of the browser if all unsaved text is kept here. */
  async reload(): Promise<void> {
    this.#isSure = await this.#keepEverything();
    location.reload();
  }

  #keepEverything(): Promise<boolean> {
    this.#everythingKept = false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#channel.addEventListener("message", () => resolve(this.#everythingKept), { once: true });
    setTimeout(() => resolve(false), maxWait);
    this.#channel.postMessage({ kind: "keep" } satisfies KeeperMessage);
    return promise;
  }
}
