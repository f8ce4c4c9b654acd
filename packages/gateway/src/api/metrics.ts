import type { Registry } from "prom-client";
import type { Route } from "../access/routes.ts";
import type { Activity } from "../activity/activity.ts";
import type { LiveCounts } from "../live/counts.ts";

interface MetricsOptions {
  readonly activity: Activity;
  readonly ideReady: () => boolean;
  readonly ideRestarts: () => number;
  readonly live: LiveCounts;
}

/** A text that Prometheus reads, with its media type. */
export interface Scrape {
  readonly contentType: string;
  readonly text: string;
}

/** Counts in plain numbers, so that counting does not slow down requests. Prometheus' library is loaded at the first scrape. */
export class Metrics {
  readonly #options: MetricsOptions;
  readonly #requests = new Map<Route["kind"], number>();
  #refused = 0;
  #registry: Promise<Registry> | undefined;

  constructor(options: MetricsOptions) {
    this.#options = options;
  }

  routed(kind: Route["kind"]): void {
    this.#requests.set(kind, (this.#requests.get(kind) ?? 0) + 1);
  }

  refused(): void {
    this.#refused += 1;
  }

  async scrape(): Promise<Scrape> {
    this.#registry ??= this.#createRegistry();
    const registry = await this.#registry;
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  /** Labels hold only values that the gateway itself chooses, never a path or a name. */
  async #createRegistry(): Promise<Registry> {
    const { collectDefaultMetrics, Counter, Gauge, Registry } = await import("prom-client");
    const register = new Registry();
    const registers = [register];
    collectDefaultMetrics({ register });
    const requests = this.#requests;
    new Counter({
      name: "waiide_requests_total",
      help: "Requests and upgrades by what they were routed to.",
      labelNames: ["route"],
      registers,
      collect() {
        this.reset();
        for (const [route, count] of requests) this.inc({ route }, count);
      },
    });
    for (const [name, help, read] of this.#liveCounters()) {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    }
    for (const [name, help, read] of this.#gauges()) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    }
    return register;
  }

  #liveCounters(): [name: string, help: string, read: () => number][] {
    const { live } = this.#options;
    return [
      ["waiide_live_changes_total", "Changes of files that people write in together.", () => live.changes],
      ["waiide_live_refusals_total", "Changes of such files that were refused.", () => live.refusals],
      ["waiide_live_resets_total", "Clients that were sent a whole text again.", () => live.resets],
      ["waiide_live_healed_total", "Of those, the ones whose text differed.", () => live.healed],
    ];
  }

  #gauges(): [name: string, help: string, read: () => number][] {
    const { activity, ideReady, ideRestarts, live } = this.#options;
    return [
      ["waiide_live_files", "Files that people write in together now.", () => live.files],
      ["waiide_live_participants", "Pages and IDE windows in such files.", () => live.participants],
      ["waiide_requests_refused", "Requests refused with 401 or 403 since start.", () => this.#refused],
      ["waiide_websockets_open", "Open WebSockets.", () => activity.connections],
      [
        "waiide_last_activity_timestamp_seconds",
        "When the owner last did something, Unix time.",
        () => activity.lastActivity.getTime() / 1000,
      ],
      ["waiide_ide_ready", "1 if the IDE server can be used.", () => Number(ideReady())],
      ["waiide_ide_restarts", "How often the IDE server was started again.", ideRestarts],
    ];
  }
}
