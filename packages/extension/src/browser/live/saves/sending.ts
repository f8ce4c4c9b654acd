import type { Binding } from "../binding.ts";
import type { ToGateway } from "../connection.ts";

/** How long a change that looks like a save's is held back, until VS Code says that it saves. Milliseconds. */
const trimPause = 1_000;
/** How long the gateway may take to write blanks into the file that a save left out. Milliseconds. */
const holdPause = 5_000;

export interface SendingOptions {
  /** Whether the binding is one, and its changes can be sent now. */
  readonly isReady: (binding: Binding) => boolean;
  readonly send: (message: ToGateway) => boolean;
}

/** Sends what the person types, but not that VS Code's save removes blanks where others type. */
export class Sending {
  readonly #options: SendingOptions;
  readonly #waiting = new WeakSet<Binding>();

  constructor(options: SendingOptions) {
    this.#options = options;
  }

  send(binding: Binding | undefined): void {
    if (binding === undefined || !this.#options.isReady(binding)) return;
    if (binding.isHolding && binding.document.isDirty) void binding.restore();
    else if (binding.hasTrimmed) this.#sendLater(binding);
    else this.#sendNow(binding);
  }

  /**
   * A save has removed blanks here and in the file, and nothing is unsaved. The gateway writes them into the file, and VS
   * Code reads it again: put back here they would be unsaved, and removed again a second later.
   */
  hold(binding: Binding): void {
    binding.hold();
    this.#options.send({ type: "window-restore", doc: binding.doc });
    setTimeout(() => {
      binding.release();
      this.send(binding);
    }, holdPause);
    this.send(binding);
  }

  #sendLater(binding: Binding): void {
    if (this.#waiting.has(binding)) return;
    this.#waiting.add(binding);
    setTimeout(() => {
      this.#waiting.delete(binding);
      // No save was the reason.
      binding.takeTrimmed();
      this.send(binding);
    }, trimPause);
  }

  #sendNow(binding: Binding): void {
    if (!this.#options.isReady(binding) || binding.isHolding) return;
    const next = binding.next();
    if (next !== undefined) this.#options.send({ type: "live-change", doc: binding.doc, ...next });
  }
}
