import type { Session } from "./session.ts";
import { SessionError } from "./session-error.ts";

/** How often the gateway hears of us at least; also how a network that went away without a word is noticed. Milliseconds. */
const interval = 25_000;
const patience = 10_000;

/** Tells the gateway what this guest looks at, and whether there is a person at all. */
export class Presence {
  readonly #session: Session;
  #path: string | null = null;
  #hadInput = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.#session = session;
    const input = () => {
      this.#hadInput = true;
    };
    for (const event of ["keydown", "pointerdown", "wheel"]) {
      window.addEventListener(event, input, { capture: true, passive: true });
    }
    document.addEventListener("visibilitychange", () => this.#tell());
    session.onLink.listen(({ kind }) => {
      clearTimeout(this.#timer);
      if (kind === "open") this.#tell();
    });
    this.#tell();
  }

  looksAt(path: string | null): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#tell();
  }

  #tell(): void {
    if (this.#session.link.kind !== "open") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#session.abandon(), patience);
    const input = this.#hadInput;
    this.#hadInput = false;
    void this.#session
      .request("presence", { path: this.#path, visible: document.visibilityState === "visible", input })
      .catch((error: unknown) => {
        if (!(error instanceof SessionError)) throw error;
      })
      .then(() => {
        clearTimeout(this.#timer);
        if (this.#session.link.kind === "open") this.#timer = setTimeout(() => this.#tell(), interval);
      });
  }
}
