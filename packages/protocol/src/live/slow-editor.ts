import type { ChangeSet, Text } from "@codemirror/state";
import { wholeCharacters } from "./change.ts";
import type { LiveClient, RemoteChange } from "./live-client.ts";

/**
 * Stands between a `LiveClient` and an editor that takes others' changes later, and refuses them where somebody typed meanwhile
 * (VS Code's `TextEditor.edit`). What the editor reports while a change is being applied is held until the editor
 * says whether it took it: then the first report is the change itself, otherwise all are the person's.
 */
export class SlowEditor {
  readonly #client: LiveClient;
  /** What the client shows and the editor does not yet, from the editor's text. */
  #pending: ChangeSet | undefined;
  /** What the editor is applying; `#pending` then starts from the text after it. */
  #applying: ChangeSet | undefined;
  #held: ChangeSet[] = [];
  /** What the editor shows, as far as it has reported. */
  #text: Text;

  /** The editor shows the text that the client shows. */
  constructor(client: LiveClient) {
    this.#client = client;
    this.#text = client.shown;
  }

  /** Whether the editor shows what the client shows. */
  get settled(): boolean {
    return !this.#pending && !this.#applying;
  }

  /** Takes changes that the client returned. */
  receive(changes: readonly Pick<RemoteChange, "change">[]): void {
    for (const { change } of changes) this.#pending = this.#pending ? this.#pending.compose(change) : change;
    if (this.#pending?.empty) this.#pending = undefined;
  }

  /** The change that the editor should apply now, in its own text; `applied` must follow. */
  take(): ChangeSet | undefined {
    if (this.#applying || !this.#pending) return undefined;
    this.#applying = this.#pending;
    this.#pending = undefined;
    return this.#applying;
  }

  /** The editor reports a change of its text. Returns what the person wrote, in the text that the client showed before it. */
  changed(change: ChangeSet): ChangeSet[] {
    if (!this.#applying) return [this.#edited(change)];
    this.#held.push(change);
    return [];
  }

  /** The editor has applied the change that `take` gave, or has refused it. Returns what the person wrote meanwhile. */
  applied(success: boolean): ChangeSet[] {
    const applying = this.#applying;
    if (!applying) throw new Error("The editor was applying nothing.");
    this.#applying = undefined;
    const held = this.#held;
    this.#held = [];
    if (success) {
      held.shift();
      this.#text = applying.apply(this.#text);
    } else this.#pending = this.#pending ? applying.compose(this.#pending) : applying;
    return held.map((change) => this.#edited(change));
  }

  #edited(reported: ChangeSet): ChangeSet {
    let change = wholeCharacters(reported, this.#text);
    this.#text = change.apply(this.#text);
    const pending = this.#pending;
    if (pending) {
      // What others insert at a caret goes behind it, here too: the word that is being typed stays whole.
      this.#pending = pending.map(change);
      if (this.#pending.empty) this.#pending = undefined;
      change = change.map(pending, true);
    }
    this.#client.edit(change);
    return change;
  }
}
