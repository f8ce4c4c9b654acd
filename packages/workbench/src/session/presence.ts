import type { View } from "@waiide/protocol";
import type { Session } from "./session.ts";
import { SessionError } from "./session-error.ts";

/** Maximum time between two reports; also detects a network that went away silently. Milliseconds. */
const interval = 25_000;
const patience = 10_000;

/** Reports to the gateway which file this guest views, and whether a person is there. */
export class Presence {
  readonly #session: Session;
  #path: string | null = null;
  #view: View | undefined;
  #follows: string | undefined;
  #hadInput = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.#session = session;
    const input = () => this.noteInput();
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

  /** A person did something on this page. */
  noteInput(): void {
    this.#hadInput = true;
  }

  looksAt(path: string | null): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#tell();
  }

  /** What this guest sees of the file; undefined where nobody follows them. */
  sees(view: View | undefined): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.#tell();
  }

  /** @param session whom this guest follows */
  follows(session: string | undefined): void {
    this.#follows = session;
    this.#tell();
  }

  #tell(): void {
    if (this.#session.link.kind !== "open") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#session.abandon(), patience);
    const input = this.#hadInput;
    this.#hadInput = false;
    void this.#session
      .request("presence", {
        path: this.#path,
        visible: document.visibilityState === "visible",
        input,
        ...(this.#view && { view: this.#view }),
        ...(this.#follows && { follows: this.#follows }),
      })
      .catch((error: unknown) => {
        if (!(error instanceof SessionError)) throw error;
      })
      .then(() => {
        clearTimeout(this.#timer);
        if (this.#session.link.kind === "open") this.#timer = setTimeout(() => this.#tell(), interval);
      });
  }
}
