import type { TargetName } from "./servers/targets.ts";

/**
 * Who stands in a column: a target; `machine`: the same work on this machine without any server; `owner` and `guest`: the
 * owner's IDE and the guest workbench of one gateway of ours; `relay`: a WebSocket server that passes on what it gets.
 */
export type Contender = TargetName | "machine" | "owner" | "guest" | "relay";

/** Values of one figure by contender, one sample a round. */
export type Samples = Partial<Record<Contender, number[]>>;

/** One measured figure. */
export interface Figure {
  /** `row.name`, such as `http.requests`. */
  readonly id: string;
  readonly title: string;
  readonly unit: "ms" | "µs" | "s" | "MB" | "MB/s" | "/s" | "bytes" | "%";
  readonly samples: Samples;
  /** What a number cannot say, by contender: for example that a download failed. */
  readonly remarks?: Partial<Record<Contender, string>>;
}

/** Collects samples round by round. */
export class Collector {
  readonly #samples = new Map<string, Samples>();

  add(figure: string, target: Contender, value: number): void {
    const samples = this.#samples.get(figure) ?? {};
    this.#samples.set(figure, samples);
    samples[target] = [...(samples[target] ?? []), value];
  }

  /** The figure's samples; empty if it has none. */
  of(figure: string): Samples {
    return this.#samples.get(figure) ?? {};
  }
}
