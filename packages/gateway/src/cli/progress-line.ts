import type { Writable } from "node:stream";

/** The current step of a task. */
export interface Progress {
  readonly step: string;
  readonly index: number;
  readonly total: number;
  /** From 0 to 1, if known. */
  readonly fraction?: number;
}

type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Milliseconds between redraws on a terminal. */
const redrawInterval = 100;

/** Shows the steps of a task: on a terminal in one line that changes, else in a line when a step begins and ends. */
export class ProgressLine {
  readonly #output: Output;
  #current: (Progress & { readonly started: number }) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  update(progress: Progress): void {
    const { index, step } = progress;
    if (this.#current?.index === index && this.#current.step === step) {
      this.#current = { ...progress, started: this.#current.started };
      return;
    }
    this.#end("done");
    this.#current = { ...progress, started: performance.now() };
    if (this.#output.isTTY) {
      this.#draw();
      this.#timer = setInterval(() => this.#draw(), redrawInterval);
    } else {
      this.#output.write(`${this.#title()} …\n`);
    }
  }

  /** Ends the last step; other output may follow. */
  close(outcome: "done" | "failed"): void {
    this.#end(outcome);
  }

  #end(outcome: "done" | "failed"): void {
    if (!this.#current) return;
    clearInterval(this.#timer);
    const clear = this.#output.isTTY ? "\r\x1b[K" : "";
    this.#output.write(`${clear}${this.#title()}: ${outcome} (${this.#seconds(1)} s)\n`);
    this.#current = undefined;
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % spinner.length;
    const fraction = this.#current?.fraction;
    const share = fraction === undefined ? "" : ` ${Math.floor(fraction * 100)} %`;
    const line = `${spinner[this.#frame]} ${this.#title()} …${share} ${this.#seconds(0)} s`;
    this.#output.write(`\r\x1b[K${line.slice(0, (this.#output.columns ?? 80) - 1)}`);
  }

  #title(): string {
    const { index = 0, total = 0, step = "" } = this.#current ?? {};
    return `[${index}/${total}] ${step}`;
  }

  #seconds(digits: number): string {
    return ((performance.now() - (this.#current?.started ?? 0)) / 1000).toFixed(digits);
  }
}
