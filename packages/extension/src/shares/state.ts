import type {
  PausedEvent,
  ProposedEvent,
  SaidEvent,
  Share,
  ShareInfo,
  StoppedEvent,
  SurvivorsEvent,
  ThreadEvent,
} from "@waiide/protocol";
import { guestsOnline } from "@waiide/protocol/share-facts";
import { EventStream } from "../gateway/event-stream.ts";
import { type Gateway, reasonOf } from "../gateway/gateway.ts";
import type { ShareApi } from "./api.ts";
import { newsBetween, requestNews, type ShareNews } from "./news.ts";

/** The shares as last seen. */
export interface ShareSnapshot {
  readonly connected: boolean;
  /** undefined: not known yet. */
  readonly info: ShareInfo | undefined;
  readonly shares: readonly Share[];
  /** Why the gateway did not answer. */
  readonly problem: string | undefined;
}

export interface ShareStateListener {
  onChange(snapshot: ShareSnapshot): void;
  onNews(news: ShareNews): void;
  onSurvivors(survivors: SurvivorsEvent): void;
  onStopped(stopped: StoppedEvent): void;
  onSaid(said: SaidEvent): void;
  onPaused(paused: PausedEvent): void;
  onProposed(proposed: ProposedEvent): void;
  onThread(changed: ThreadEvent): void;
}

/** Keeps the list of shares current: fetches it when the gateway says that it changed, and after each reconnection. */
export class ShareState {
  readonly #api: Pick<ShareApi, "info" | "list">;
  readonly #stream: EventStream;
  readonly #listener: ShareStateListener;
  readonly #own = new Set<string>();
  readonly #decided = new Set<string>();
  readonly #making = new Set<Promise<unknown>>();
  #snapshot: ShareSnapshot = { connected: false, info: undefined, shares: [], problem: undefined };
  #isFirst = true;
  #asking: Promise<void> | undefined;
  #askAgain = false;

  constructor(gateway: Pick<Gateway, "stream">, api: Pick<ShareApi, "info" | "list">, listener: ShareStateListener) {
    this.#api = api;
    this.#listener = listener;
    this.#stream = new EventStream(gateway, "/api/share/events", {
      onEvent: ({ name, data }) => {
        if (name === "survivors") this.#listener.onSurvivors(data as SurvivorsEvent);
        else if (name === "stopped") this.#listener.onStopped(data as StoppedEvent);
        else if (name === "said") this.#listener.onSaid(data as SaidEvent);
        else if (name === "paused") this.#listener.onPaused(data as PausedEvent);
        else if (name === "proposed") this.#listener.onProposed(data as ProposedEvent);
        else if (name === "thread") this.#listener.onThread(data as ThreadEvent);
        else void this.refresh();
      },
      onConnection: (connected) => {
        this.#set({ connected });
        if (connected) void this.refresh();
      },
    });
  }

  get snapshot(): ShareSnapshot {
    return this.#snapshot;
  }

  /** Active guests of all shares. */
  get guests(): number {
    return guestsOnline(...this.#snapshot.shares).length;
  }

  start(): void {
    this.#stream.start();
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  /** A share that this window creates is no news to it. @param make creates it */
  async own<Made extends { readonly id: string }>(make: Promise<Made>): Promise<Made> {
    this.#making.add(make);
    try {
      const made = await make;
      this.#own.add(made.id);
      return made;
    } finally {
      this.#making.delete(make);
    }
  }

  /** The owner revokes a share in this window, and has decided about shares that its guests may have made. */
  decided(id: string): void {
    this.#decided.add(id);
  }

  /** Fetches the list again; calls that arrive meanwhile share one more request. */
  refresh(): Promise<void> {
    this.#askAgain = true;
    this.#asking ??= this.#askAll().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #askAll(): Promise<void> {
    while (this.#askAgain) {
      this.#askAgain = false;
      try {
        const [info, shares] = await Promise.all([this.#api.info(), this.#api.list()]);
        // The event of a new share may arrive before the answer to the request that created it.
        await Promise.allSettled(this.#making);
        const news = this.#isFirst
          ? shares.flatMap((share) => requestNews([], share))
          : newsBetween(this.#snapshot.shares, shares, this.#own, this.#decided);
        this.#isFirst = false;
        this.#set({ info, shares, problem: undefined });
        for (const one of news) this.#listener.onNews(one);
      } catch (error) {
        this.#set({ problem: reasonOf(error) });
      }
    }
  }

  #set(change: Partial<ShareSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.#listener.onChange(this.#snapshot);
  }
}
