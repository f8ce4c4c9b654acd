import type { IncomingMessage } from "node:http";

/** Two intervals are the same if they differ by no more than this part, or this many milliseconds. */
const steadyPart = 0.1;
const steadyMilliseconds = 250;
/** Several tabs ask the same in turns: an interval is compared with so many before it. */
const intervalsKept = 4;
/** What was asked longest ago is forgotten first. */
const pathsKept = 256;

/** Page parts that a browser fetches by itself (Fetch Metadata, `Sec-Fetch-Dest`). */
const personalDestinations = new Set(["document", "iframe", "frame", "empty", "object", "embed"]);

interface Asked {
  at: number;
  readonly intervals: number[];
  next: number;
}

/**
 * Tells what a person does from what pages do on their own (RULES R20). Not a person's are: HEAD and OPTIONS; images,
 * scripts, styles and the like, which a page fetches; what says itself that it does not count, as JupyterLab's polls do
 * (`no_track_activity=1`); and a path that is asked for again at a steady interval. A navigation that a click or a key
 * began (`Sec-Fetch-User: ?1`) always counts.
 */
export class PollingFilter {
  readonly #clock: () => number;
  readonly #asked = new Map<string, Asked>();

  /** @param clock milliseconds, always forward */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /**
   * To be called once for each request, in their order.
   * @param path with the prefix that tells backends apart, without query: polls often carry a timestamp
   */
  isPersonal({ method = "", headers }: Pick<IncomingMessage, "method" | "headers">, path: string, query = ""): boolean {
    if (headers["sec-fetch-user"] === "?1") return true;
    if (method === "HEAD" || method === "OPTIONS") return false;
    const destination = headers["sec-fetch-dest"];
    if (typeof destination === "string" && !personalDestinations.has(destination)) return false;
    if (query !== "" && /[?&]no_track_activity=(?:1|true)\b/.test(query)) return false;
    return !this.#isSteady(`${method} ${path}`);
  }

  #isSteady(key: string): boolean {
    const now = this.#clock();
    const asked = this.#asked.get(key);
    if (asked === undefined) {
      if (this.#asked.size >= pathsKept) this.#forgetOldest();
      this.#asked.set(key, { at: now, intervals: [], next: 0 });
      return false;
    }
    const interval = now - asked.at;
    const steady = asked.intervals.some((before) => isSame(before, interval));
    asked.at = now;
    asked.intervals[asked.next] = interval;
    asked.next = (asked.next + 1) % intervalsKept;
    return steady;
  }

  #forgetOldest(): void {
    let oldest = "";
    let at = Number.POSITIVE_INFINITY;
    for (const [key, asked] of this.#asked) {
      if (asked.at < at) [oldest, at] = [key, asked.at];
    }
    this.#asked.delete(oldest);
  }
}

function isSame(before: number, interval: number): boolean {
  return Math.abs(interval - before) <= Math.max(steadyMilliseconds, before * steadyPart);
}
