import type { AppCondition } from "../records/view.ts";
import type { StoredShare } from "../store/stored.ts";
import type { SharedApps } from "./shared-apps.ts";

/** Between two looks at an app of which pages are open. Milliseconds. */
const interval = 1_000;

/** One page around an app. */
export interface AppWatcher {
  /** The share as it is now; undefined: it is over for this page. */
  share(): StoredShare | undefined;
  tell(condition: AppCondition): void;
}

/** Looks whether shared apps run while pages of guests are open: once for all pages of a share. */
export class AppWatches {
  readonly #apps: Pick<SharedApps, "conditionOf">;
  readonly #watchers = new Map<string, Set<AppWatcher>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(apps: Pick<SharedApps, "conditionOf">) {
    this.#apps = apps;
  }

  /** @returns to be called when the page is closed */
  watch(id: string, watcher: AppWatcher): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(watcher));
    if (!this.#timers.has(id)) this.#timers.set(id, setInterval(() => this.#look(watchers), interval).unref());
    return () => {
      watchers.delete(watcher);
      if (watchers.size > 0 || this.#watchers.get(id) !== watchers) return;
      this.#watchers.delete(id);
      clearInterval(this.#timers.get(id));
      this.#timers.delete(id);
    };
  }

  #look(watchers: ReadonlySet<AppWatcher>): void {
    const open = [...watchers].map((watcher) => ({ watcher, share: watcher.share() }));
    const share = open.find((one) => one.share !== undefined)?.share;
    if (share === undefined) return;
    const condition = this.#apps.conditionOf(share);
    for (const one of open) if (one.share !== undefined) one.watcher.tell(condition);
  }
}
