import { Timer } from "../../base/timer.ts";
import type { LiveFile } from "../whole-saves.ts";

/** Milliseconds. */
export interface LeaseTimes {
  /** So long a window may leave a text unsaved, as with auto save off; then the gateway saves it. */
  readonly unsaved: number;
  /** A save of a window takes no longer, or the next one may begin. So long it is not known what a file holds. */
  readonly turn: number;
}

export const leaseTimes: LeaseTimes = { unsaved: 30_000, turn: 15_000 };

/** A window that has a file open, and saves it. */
export interface Holder {
  /** Windows of the owner come before those of guests. */
  readonly isOwner: boolean;
  /** Asks the window to save now. */
  save(): void;
  /** It saves the file when somebody asks for it, or another window does. */
  onLease(isOn: boolean): void;
}

/**
 * The right to save one live file: while windows of IDEs have it open, VS Code saves it, one window at a time, and the gateway
 * only what they leave unsaved for long.
 */
export class Lease {
  readonly #file: LiveFile;
  readonly #times: LeaseTimes;
  /** The last one has it. */
  #holders: Holder[] = [];
  readonly #unsaved = new Timer();
  readonly #turn = new Timer();
  #isWatching = false;
  #saving: Holder | undefined;
  readonly #waiting: { readonly holder: Holder; readonly begin: () => void }[] = [];
  readonly #onChange = () => this.#watch();

  constructor(file: LiveFile, times: LeaseTimes) {
    this.#file = file;
    this.#times = times;
    file.document.onChange.add(this.#onChange);
  }

  get isFree(): boolean {
    return this.#holders.length === 0;
  }

  /** A window has opened the file, or has come to the front. */
  take(holder: Holder): void {
    const before = this.#holders.at(-1);
    const all = [...this.#holders.filter((one) => one !== holder), holder];
    // A guest's window never comes before the owner's.
    this.#holders = [...all.filter((one) => !one.isOwner), ...all.filter((one) => one.isOwner)];
    this.#pass(before);
    if (this.#file.document.isDirty) this.#watch();
  }

  /** The window has closed the file. */
  leave(holder: Holder): void {
    const before = this.#holders.at(-1);
    this.#holders = this.#holders.filter((one) => one !== holder);
    this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((one) => one.holder !== holder));
    if (this.#saving === holder) this.saved(holder);
    this.#pass(before);
    if (this.isFree) this.#close();
  }

  /** Resolves when it is the window's turn to save; `saved` ends it. */
  turn(holder: Holder): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#saving === holder || this.#saving === undefined) this.#begin(holder, resolve);
    else this.#waiting.push({ holder, begin: resolve });
    return promise;
  }

  saved(holder: Holder): void {
    if (this.#saving !== holder) return;
    this.#saving = undefined;
    this.#turn.stop();
    this.#file.disk.windows.end();
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next.holder, next.begin);
  }

  #begin(holder: Holder, resolve: () => void): void {
    this.#saving = holder;
    this.#file.disk.windows.begin();
    this.#turn.set(this.#times.turn, () => this.saved(holder));
    resolve();
  }

  #pass(before: Holder | undefined): void {
    const now = this.#holders.at(-1);
    if (now === before) return;
    this.#file.disk.saver = now;
    before?.onLease(false);
    now?.onLease(true);
  }

  /** Saves what is unsaved for too long. */
  #watch(): void {
    if (this.isFree || this.#isWatching) return;
    this.#isWatching = true;
    const { document, disk } = this.#file;
    const { version } = document.disk;
    this.#unsaved.set(this.#times.unsaved, () => {
      this.#isWatching = false;
      if (document.isClosed || !document.isDirty) return;
      if (document.disk.version === version) void disk.trySave();
      else this.#watch();
    });
  }

  #close(): void {
    this.#unsaved.stop();
    this.#turn.stop();
    this.#file.disk.windows.end();
    this.#file.document.onChange.delete(this.#onChange);
  }
}

/** The leases of all live files. */
export class Leases {
  readonly #times: LeaseTimes;
  readonly #leases = new WeakMap<LiveFile["document"], Lease>();

  constructor(times: LeaseTimes = leaseTimes) {
    this.#times = times;
  }

  of(file: LiveFile): Lease {
    const known = this.#leases.get(file.document);
    if (known !== undefined && !known.isFree) return known;
    const made = new Lease(file, this.#times);
    this.#leases.set(file.document, made);
    return made;
  }
}
