import type { IncomingMessage } from "node:http";
import { LRUCache } from "lru-cache";

/** Two intervals count as the same if they differ by at most this part, or this many milliseconds. */
const steadyPart = 0.1;
const steadyMilliseconds = 250;
/** Several tabs poll the same path in turns, so an interval is compared with so many before it. */
const intervalsKept = 4;
/** Paths that are kept; the least recent ones are dropped first. */
const pathsKept = 256;

/** Destinations of requests that can be a person's (Fetch Metadata, `Sec-Fetch-Dest`). */
const personalDestinations = new Set(["document", "iframe", "frame", "empty", "object", "embed"]);

interface Asked {
  at: number;
  readonly intervals: number[];
  next: number;
}

/**
 * Tells requests of a person from those that pages send by themselves (RULES R20). The latter are: HEAD and OPTIONS; images,
 * scripts, styles and the like; requests that say so, as JupyterLab's polls do (`no_track_activity=1`); and paths that are
 * requested at a steady interval. A navigation after a click or key press (`Sec-Fetch-User: ?1`) always counts.
 */
export class PollingFilter {
  readonly #clock: () => number;
  readonly #asked = new LRUCache<string, Asked>({ max: pathsKept });

  /** @param clock milliseconds, always forward */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /**
   * Must be called once for each request, in order.
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
}

function isSame(before: number, interval: number): boolean {
  return Math.abs(interval - before) <= Math.max(steadyMilliseconds, before * steadyPart);
}
