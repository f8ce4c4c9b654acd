import { isBelow } from "@waiide/protocol";
import type { Logger } from "../../base/log.ts";
import type { Documents } from "../documents/documents.ts";
import { FileError } from "../file-error.ts";
import type { Allowance } from "../limits.ts";
import { Rights } from "../rules/rights.ts";
import type { FileRules } from "../rules/rules.ts";
import type { Tree } from "../tree/tree.ts";
import { ChangeVisibility } from "./change-visibility.ts";
import type { StateChange } from "./folder-state.ts";
import { FolderWatch } from "./folder-watch.ts";

/** How long a guest's creation or deletion counts as the reason for a change. Milliseconds. */
const deedLife = 5_000;

export interface ChangesOptions {
  readonly tree: Tree;
  readonly rules: FileRules;
  readonly outside: readonly string[];
  readonly documents: Documents;
  readonly allowance: Allowance;
  readonly logger: Logger;
  readonly clock: () => number;
}

/** A change with the known facts about it. */
export interface SeenChange extends StateChange {
  /** Of files that guests have open. */
  readonly version: string | undefined;
  /** The session that did it. */
  readonly origin: string | undefined;
}

/** @param telling one for all guests who are notified of these changes */
export type ChangeListener = (changes: readonly SeenChange[], visibility: ChangeVisibility) => Promise<void>;

interface Watched {
  readonly watch: Promise<FolderWatch>;
  readonly listeners: Set<ChangeListener>;
  /** For hints, which cannot wait. */
  started: FolderWatch | undefined;
}

interface Deed {
  readonly path: string;
  /** Undefined while it is under way: any version counts. */
  readonly kind: "created" | "deleted" | undefined;
  readonly session: string;
  readonly until: number;
}

/** Changes in the folders that guests have open. Each folder is watched once for all guests. */
export class Changes {
  readonly #options: ChangesOptions;
  readonly #rights: Rights;
  /** By path after links. */
  readonly #folders = new Map<string, Watched>();
  #deeds: Deed[] = [];

  constructor(options: ChangesOptions) {
    this.#options = options;
    this.#rights = new Rights({ kind: "owner" }, options.rules, options.outside);
  }

  /**
   * @param path of the folder, after links
   * @returns ends it
   * @throws FileError BUSY where too many folders are watched; NOT_FOUND
   */
  async watch(path: string, listener: ChangeListener): Promise<() => void> {
    const watched = this.#folders.get(path) ?? this.#begin(path);
    watched.listeners.add(listener);
    const stop = () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0) this.#end(path, watched);
    };
    try {
      await watched.watch;
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  /** A guest has written a file: it is checked without waiting for an event. */
  wrote(path: string): void {
    const slash = path.lastIndexOf("/");
    this.#folders.get(path.slice(0, Math.max(slash, 0)))?.started?.hint(path.slice(slash + 1));
  }

  /** A guest has made or deleted something, or moved it to or from there. */
  did(kind: "created" | "deleted", path: string, session: string): void {
    const now = this.#options.clock();
    this.#deeds = this.#deeds.filter(({ until }) => until > now);
    this.#deeds.push({ path, kind, session, until: now + deedLife });
    this.wrote(path);
  }

  /**
   * A guest makes a file. It is visible before it is on the disk, which may take long: until then all its changes are the
   * guest's. A failed creation is no reason for later changes.
   */
  async making<Result>(path: string, session: string, make: () => Promise<Result>): Promise<Result> {
    const deed: Deed = { path, kind: undefined, session, until: Number.POSITIVE_INFINITY };
    this.#deeds.push(deed);
    try {
      const made = await make();
      this.did("created", path, session);
      return made;
    } finally {
      this.#deeds = this.#deeds.filter((one) => one !== deed);
    }
  }

  close(): void {
    for (const [path, watched] of this.#folders) this.#end(path, watched);
  }

  #begin(path: string): Watched {
    const { tree, allowance, logger } = this.#options;
    if (!allowance.take()) throw new FileError("BUSY", "Too many folders are open on this server.");
    const listeners = new Set<ChangeListener>();
    const watch = FolderWatch.start({
      path,
      tree,
      rights: this.#rights,
      onChanges: (changes) => this.#tell(changes, listeners),
      onError: (error) => logger.warn({ err: error }, "a shared folder could not be read"),
    });
    const watched: Watched = { watch, listeners, started: undefined };
    watch.then(
      (started) => {
        watched.started = started;
        if (this.#folders.get(path) !== watched) started.close();
      },
      // Callers that wait for it get the error.
      () => undefined,
    );
    this.#folders.set(path, watched);
    return watched;
  }

  #end(path: string, watched: Watched): void {
    if (this.#folders.get(path) !== watched) return;
    this.#folders.delete(path);
    this.#options.allowance.give();
    watched.started?.close();
  }

  async #tell(changes: readonly StateChange[], listeners: ReadonlySet<ChangeListener>): Promise<void> {
    const seen = await Promise.all(changes.map((change) => this.#complete(change)));
    const visibility = new ChangeVisibility();
    await Promise.all([...listeners].map((listener) => listener(seen, visibility)));
  }

  async #complete(change: StateChange): Promise<SeenChange> {
    const { documents, tree } = this.#options;
    const document = change.entry === "file" ? documents.known(change.target) : undefined;
    if (change.kind === "deleted" || document === undefined) {
      return { ...change, version: undefined, origin: this.#doerOf(change) };
    }
    await using found = await tree.look(change.target, this.#rights);
    const version = found && (await document.version(found));
    const isWritten = version !== undefined && document.lastWritten?.version === version;
    return { ...change, version, origin: isWritten ? document.lastWritten?.session : this.#doerOf(change) };
  }

  #doerOf({ kind, target }: StateChange): string | undefined {
    const now = this.#options.clock();
    const isReason = (deed: Deed) => (deed.kind ?? kind) === kind && deed.until > now && isBelow(target, deed.path);
    return this.#deeds.findLast(isReason)?.session;
  }
}
