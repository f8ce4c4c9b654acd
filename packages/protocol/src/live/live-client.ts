import { type ChangeDesc, ChangeSet, type Text } from "@codemirror/state";
import { changeJson, changeSize, insertedText, parseChange, toText, wholeCharacters } from "./change.ts";
import type { ChangeJson, LoggedChange } from "./live-messages.ts";
import { diffToChange } from "./text-diff.ts";

/** A text as the gateway sends it. */
export interface LiveState {
  readonly epoch: string;
  readonly rev: number;
  readonly text: string;
}

/** What `live-opened` and `live-reset` say; a reset has no `since`. */
export interface Reopened {
  readonly epoch: string;
  readonly rev: number;
  readonly text?: string;
  readonly since?: readonly LoggedChange[];
  /** The last change of this client that the text has; 0 for none. */
  readonly seq: number;
}

/** A client as JSON: a page keeps it over a reload, so that what was under way counts once. */
export interface LiveClientState extends LiveState {
  readonly client: string;
  readonly seq: number;
  readonly outstanding?: ChangeJson;
  readonly waiting?: ChangeJson;
}

/** A change that the editor still has to show, in positions of the text that it shows then. */
export interface RemoteChange {
  /** Who made it; undefined where the text was replaced as a whole. */
  readonly person?: string;
  readonly change: ChangeSet;
}

export interface OutgoingChange {
  readonly seq: number;
  readonly rev: number;
  readonly change: ChangeJson;
}

/** What a client showed and the gateway refused. */
export interface Refusal {
  /** Takes the editor back to the confirmed text. */
  readonly change: ChangeSet;
  /** The refused insertions, for the person to copy. */
  readonly text: string;
}

/** Changes are missing, or cannot be read: the client opens the file again with `reopen`. */
export class LiveGap extends Error {
  override readonly name = "LiveGap";
}

/** How many changes back a cursor's revision may lie. */
const keptForCursors = 200;

/**
 * One person's side of a live file. The gateway has the confirmed text; the editor shows it with one change that is under way
 * and what was typed since. The shown text is a promise: whoever shows it applies every change that a method
 * returns, in order, before it hands in the next edit. `SlowEditor` does so for editors that take changes later.
 */
export class LiveClient {
  /** New for each life of a page: with `seq` it makes a change that is sent twice count once. */
  readonly id: string;
  #epoch: string;
  #rev: number;
  #confirmed: Text;
  #shown: Text;
  #outstanding: { readonly seq: number; change: ChangeSet; sent: boolean } | undefined;
  #waiting: ChangeSet | undefined;
  #seq = 0;
  #connected = true;
  /** The last confirmed changes; the last one led to `#rev`. */
  #recent: ChangeDesc[] = [];

  constructor(id: string, state: LiveState) {
    this.id = id;
    this.#epoch = state.epoch;
    this.#rev = state.rev;
    this.#confirmed = toText(state.text);
    this.#shown = this.#confirmed;
  }

  /** The client of an earlier life of the page, without a connection: `reopen` and `reopened` follow. Undefined where the state is none. */
  static restore(state: LiveClientState): LiveClient | undefined {
    const client = new LiveClient(state.client, state);
    client.#seq = state.seq;
    client.#connected = false;
    const outstanding = state.outstanding && parseChange(state.outstanding, client.#confirmed.length);
    if (outstanding) {
      client.#outstanding = { seq: state.seq, change: outstanding, sent: false };
      client.#shown = outstanding.apply(client.#shown);
    }
    const waiting = state.waiting && parseChange(state.waiting, client.#shown.length);
    if (waiting) {
      client.#waiting = waiting;
      client.#shown = waiting.apply(client.#shown);
    }
    const whole = Boolean(outstanding) === Boolean(state.outstanding) && Boolean(waiting) === Boolean(state.waiting);
    return whole ? client : undefined;
  }

  /** What `restore` takes. */
  get state(): LiveClientState {
    return {
      client: this.id,
      epoch: this.#epoch,
      rev: this.#rev,
      text: this.#confirmed.toString(),
      seq: this.#seq,
      ...(this.#outstanding && { outstanding: changeJson(this.#outstanding.change) }),
      ...(this.#waiting && { waiting: changeJson(this.#waiting) }),
    };
  }

  get epoch(): string {
    return this.#epoch;
  }

  get rev(): number {
    return this.#rev;
  }

  /** The gateway's text at `rev`: what `live-check` hashes. */
  get confirmed(): Text {
    return this.#confirmed;
  }

  /** The text that the editor shows. */
  get shown(): Text {
    return this.#shown;
  }

  /** Whether something is shown that the gateway has not acknowledged. */
  get unacknowledged(): boolean {
    return this.#outstanding !== undefined || this.#waiting !== undefined;
  }

  /** The unacknowledged changes as one, from `confirmed` to `shown`. */
  get own(): ChangeSet {
    const [first, second] = [this.#outstanding?.change, this.#waiting];
    if (first && second) return first.compose(second);
    return first ?? second ?? ChangeSet.empty(this.#confirmed.length);
  }

  /** Takes a change that the person made in the shown text. */
  edit(change: ChangeSet): void {
    if (change.length !== this.#shown.length) throw new RangeError("The change is not one of the shown text.");
    if (change.empty) return;
    const whole = wholeCharacters(change, this.#shown);
    this.#shown = whole.apply(this.#shown);
    const waiting = this.#waiting ? this.#waiting.compose(whole) : whole;
    this.#waiting = this.#changesNothing(waiting) ? undefined : waiting;
  }

  /** What was deleted and is there again: sent, it would move carets of others. */
  #changesNothing(waiting: ChangeSet): boolean {
    if (waiting.empty) return true;
    if (waiting.length !== waiting.newLength) return false;
    const before = this.#outstanding?.change.apply(this.#confirmed) ?? this.#confirmed;
    return this.#shown.eq(before);
  }

  /** The change to send now; undefined while one is under way, while there is none, and without a connection. */
  next(): OutgoingChange | undefined {
    if (!this.#connected) return undefined;
    if (!this.#outstanding && this.#waiting) {
      this.#outstanding = { seq: ++this.#seq, change: this.#waiting, sent: false };
      this.#waiting = undefined;
    }
    const outstanding = this.#outstanding;
    if (!outstanding || outstanding.sent) return undefined;
    outstanding.sent = true;
    return { seq: outstanding.seq, rev: this.#rev, change: changeJson(outstanding.change) };
  }

  /** Takes `live-changes`; throws `LiveGap` where changes before them are missing. Changes that it has already count once. */
  receive(rev: number, changes: readonly LoggedChange[]): RemoteChange[] {
    const known = this.#rev - (rev - changes.length);
    if (known < 0) throw new LiveGap(`revision ${rev - changes.length} after ${this.#rev}`);
    const remote: RemoteChange[] = [];
    for (const logged of changes.slice(known)) {
      const change = parseChange(logged.change, this.#confirmed.length);
      if (!change) throw new LiveGap(`revision ${this.#rev + 1} is no change of the text`);
      if (this.#outstanding && logged.client === this.id && logged.seq === this.#outstanding.seq) this.#acknowledge();
      else {
        const shown = this.#rebase(change, logged.behind);
        if (!shown.empty) remote.push({ person: logged.person, change: shown });
      }
      this.#rev++;
    }
    return remote;
  }

  /** Takes `live-refused`: rolls back that change and what was typed on it. Undefined where it is not the one under way. */
  refused(seq: number): Refusal | undefined {
    if (this.#outstanding?.seq !== seq) return undefined;
    const own = this.own;
    this.#outstanding = undefined;
    this.#waiting = undefined;
    this.#shown = this.#confirmed;
    return { change: own.invert(this.#confirmed), text: insertedText(own) };
  }

  /** The connection is gone, or something is missing: what `live-open` says. Nothing is sent before `reopened`. */
  reopen(): { client: string; epoch: string; rev: number } {
    this.#connected = false;
    if (this.#outstanding) this.#outstanding.sent = false;
    return { client: this.id, epoch: this.#epoch, rev: this.#rev };
  }

  /** Takes `live-opened` after `reopen`; then `next` gives the change that was under way once more, unless it is in the text. */
  reopened(message: Reopened): RemoteChange[] {
    this.#connected = true;
    if (message.text === undefined) return this.receive(message.rev, message.since ?? []);
    return this.reset({ ...message, text: message.text });
  }

  /** Takes a whole text (`live-reset`): own changes that it does not have stay, moved to where they belong. */
  reset(message: LiveState & { readonly seq: number }): RemoteChange[] {
    const text = toText(message.text);
    const outstanding = this.#outstanding;
    if (outstanding && (message.seq >= outstanding.seq || this.#isWithin(text, message.epoch))) this.#acknowledge();
    const others = diffToChange(this.#confirmed, text);
    const change = this.#rebase(others);
    this.#confirmed = text;
    this.#epoch = message.epoch;
    this.#rev = message.rev;
    this.#recent = [];
    if (this.#outstanding) this.#outstanding.sent = false;
    return change.empty ? [] : [{ change }];
  }

  /** Where a position of `rev` is in the shown text; −1 puts it before what was inserted there, 1 behind. */
  toShown(position: number, rev: number, side: -1 | 1 = 1): number {
    const back = this.#rev - rev;
    let at = position;
    for (const change of back > 0 ? this.#recent.slice(-back) : []) at = mapped(change, at, side);
    if (this.#outstanding) at = mapped(this.#outstanding.change, at, side);
    if (this.#waiting) at = mapped(this.#waiting, at, side);
    return Math.min(at, this.#shown.length);
  }

  /** Where a position of the shown text is in the text of `rev`, for `live-cursor`. */
  toConfirmed(position: number): number {
    let at = position;
    if (this.#waiting) at = mapped(this.#waiting.invertedDesc, at, -1);
    if (this.#outstanding) at = mapped(this.#outstanding.change.invertedDesc, at, -1);
    return at;
  }

  #acknowledge(): void {
    const change = this.#outstanding?.change;
    this.#outstanding = undefined;
    if (!change) return;
    this.#confirmed = change.apply(this.#confirmed);
    this.#remember(change);
  }

  /**
   * Others' change of the confirmed text, put under the own ones; returns it in positions of the shown text.
   * @param behind whether its insertions go behind own ones at the same place; the gateway decides the same
   */
  #rebase(change: ChangeSet, behind = false): ChangeSet {
    this.#confirmed = change.apply(this.#confirmed);
    this.#remember(change);
    let shown = change;
    if (this.#outstanding) {
      const own = this.#outstanding.change;
      this.#outstanding.change = own.map(shown, behind);
      shown = shown.map(own, !behind);
    }
    if (this.#waiting) {
      const own = this.#waiting;
      this.#waiting = own.map(shown, behind);
      shown = shown.map(own, !behind);
    }
    this.#shown = shown.apply(this.#shown);
    return shown;
  }

  #remember(change: ChangeSet): void {
    this.#recent.push(change.desc);
    if (this.#recent.length > keptForCursors) this.#recent.shift();
  }

  /**
   * Whether a text of another epoch has the change that was under way, as its acknowledgement may have been lost with the
   * epoch: it has where the text is nearer to the one with the change than to the one without it.
   */
  #isWithin(text: Text, epoch: string): boolean {
    const outstanding = this.#outstanding;
    if (!outstanding || epoch === this.#epoch) return false;
    const without = distance(this.#confirmed, text);
    return distance(outstanding.change.apply(this.#confirmed), text) < without;
  }
}

function distance(before: Text, after: Text): number {
  const { inserted, deleted } = changeSize(diffToChange(before, after));
  return inserted + deleted;
}

function mapped(change: ChangeDesc, position: number, side: -1 | 1): number {
  return change.mapPos(Math.min(position, change.length), side);
}
