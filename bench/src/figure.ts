import type { TargetName } from "./targets.ts";

/** Values of one figure by target, one sample a round. */
export type Samples = Partial<Record<TargetName, number[]>>;

/** One measured figure. */
export interface Figure {
  /** `row.name`, such as `http.requests`. */
  readonly id: string;
  readonly title: string;
  readonly unit: "ms" | "µs" | "s" | "MB" | "MB/s" | "/s";
  readonly samples: Samples;
  /** What a number cannot say, by target: for example that a download failed. */
  readonly remarks?: Partial<Record<TargetName, string>>;
}

/** Collects samples round by round. */
export class Collector {
  readonly #samples = new Map<string, Samples>();

  add(figure: string, target: TargetName, value: number): void {
    const samples = this.#samples.get(figure) ?? {};
    this.#samples.set(figure, samples);
    samples[target] = [...(samples[target] ?? []), value];
  }

  /** The figure's samples; empty if it has none. */
  of(figure: string): Samples {
    return this.#samples.get(figure) ?? {};
  }
}
