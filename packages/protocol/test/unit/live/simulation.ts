import { ChangeSet, type Text } from "@codemirror/state";
import {
  changeJson,
  cutsCharacter,
  LiveClient,
  OwnUndo,
  parseChange,
  SlowEditor,
  toText,
} from "../../../src/live/index.ts";
import type { LoggedChange } from "../../../src/live/live-messages.ts";
import { otherFace, Random, randomChange } from "./random-text.ts";

/** The least that a gateway does for one file: one order of changes, each counted once, none that harms the text. */
export class Authority {
  readonly epoch = "epoch-1";
  text: Text;
  readonly log: {
    readonly person: string;
    readonly client: string;
    readonly seq: number;
    readonly change: ChangeSet;
  }[] = [];
  readonly #seen = new Map<string, number>();

  constructor(text: string) {
    this.text = toText(text);
  }

  /** Says why the change was refused, or nothing. */
  submit(
    client: string,
    { seq, rev, change: json }: { seq: number; rev: number; change: unknown },
  ): string | undefined {
    if (seq <= this.lastSeq(client)) return undefined;
    if (rev > this.log.length) return "future";
    let change = parseChange(json, this.log[rev]?.change.length ?? this.text.length);
    if (!change) return "invalid";
    for (const later of this.log.slice(rev)) change = change.map(later.change, client < later.client);
    if (cutsCharacter(change, this.text)) return "invalid";
    this.text = change.apply(this.text);
    this.log.push({ person: client, client, seq, change });
    this.#seen.set(client, seq);
    return undefined;
  }

  lastSeq(client: string): number {
    return this.#seen.get(client) ?? 0;
  }

  /** The log as one client gets it. */
  since(client: string, rev: number, count = Number.POSITIVE_INFINITY): LoggedChange[] {
    return this.log.slice(rev, rev + count).map((entry) => ({
      person: entry.person,
      change: changeJson(entry.change),
      ...(entry.client === client
        ? { client, seq: entry.seq }
        : client < entry.client
          ? { behind: true as const }
          : {}),
    }));
  }
}

/** An editor as VS Code has it: people type at any time, and a change for an older version is refused. */
class VersionedEditor {
  text: Text;
  /** What others insert here goes behind it. */
  caret = 0;
  #version = 0;
  readonly reports: ({ change: ChangeSet } | { applied: boolean })[] = [];

  constructor(text: string) {
    this.text = toText(text);
  }

  get version(): number {
    return this.#version;
  }

  type(change: ChangeSet): void {
    this.text = change.apply(this.text);
    this.#version++;
    this.reports.push({ change });
  }

  typeAtCaret(insert: string): void {
    this.type(ChangeSet.of({ from: this.caret, insert }, this.text.length));
    this.caret += insert.length;
  }

  apply(change: ChangeSet, version: number): void {
    const applied = version === this.#version;
    if (applied) {
      this.caret = change.mapPos(this.caret, -1);
      this.type(change);
    }
    this.reports.push({ applied });
  }
}

/** A person with an editor, whose frames get lost and whose connection breaks. */
export class Person {
  readonly client: LiveClient;
  readonly editor: VersionedEditor;
  readonly undo = new OwnUndo({ depth: 20 });
  readonly #slow: SlowEditor;
  readonly #authority: Authority;
  /** The editor's version that this side has heard of. */
  #version = 0;
  #toEditor: { change: ChangeSet; version: number } | undefined;
  #now = 0;
  refusedByEditor = 0;

  constructor(id: string, authority: Authority) {
    this.#authority = authority;
    const text = authority.text.toString();
    this.client = new LiveClient(id, { epoch: authority.epoch, rev: authority.log.length, text });
    this.editor = new VersionedEditor(text);
    this.#slow = new SlowEditor(this.client);
  }

  get settled(): boolean {
    return (
      !this.client.unacknowledged &&
      this.#slow.settled &&
      this.editor.reports.length === 0 &&
      this.client.rev === this.#authority.log.length
    );
  }

  type(random: Random): void {
    const { text } = this.editor;
    const face = random.chance(0.05) ? otherFace(text) : undefined;
    const crowded = text.length > 2000 ? allBut(text, 200) : undefined;
    this.editor.type(face ?? crowded ?? randomChange(random, text));
  }

  /** Ctrl+Z or Ctrl+Y: the change waits for the editor like those of others. */
  takeBack(redo: boolean): void {
    const step = redo ? this.undo.redo(this.client.shown) : this.undo.undo(this.client.shown);
    if (!step) return;
    this.client.edit(step.change);
    this.#slow.receive([step]);
  }

  send(lost: boolean): void {
    const outgoing = this.client.next();
    if (!outgoing || lost) return;
    const refused = this.#authority.submit(this.client.id, outgoing);
    if (refused) throw new Error(`The authority refused: ${refused}.`);
  }

  receive(count: number): void {
    const changes = this.#authority.since(this.client.id, this.client.rev, count);
    this.#show(this.client.receive(this.client.rev + changes.length, changes));
  }

  reconnect(): void {
    const { rev } = this.client.reopen();
    const since = this.#authority.since(this.client.id, rev);
    const [epoch, seq] = [this.#authority.epoch, this.#authority.lastSeq(this.client.id)];
    this.#show(this.client.reopened({ epoch, seq, rev: rev + since.length, since }));
  }

  startApply(): void {
    const change = this.#slow.take();
    if (change) this.#toEditor = { change, version: this.#version };
  }

  finishApply(): void {
    if (!this.#toEditor) return;
    const { change, version } = this.#toEditor;
    this.#toEditor = undefined;
    this.editor.apply(change, version);
  }

  hear(): void {
    const report = this.editor.reports.shift();
    if (!report) return;
    const before = this.client.shown;
    let edits: ChangeSet[];
    if ("change" in report) {
      this.#version++;
      edits = this.#slow.changed(report.change);
    } else {
      if (!report.applied) this.refusedByEditor++;
      edits = this.#slow.applied(report.applied);
    }
    this.#remember(edits, before);
  }

  #remember(edits: readonly ChangeSet[], before: Text): void {
    let text = before;
    for (const change of edits) {
      this.#now += 100;
      this.undo.add(change, text, this.#now);
      text = change.apply(text);
    }
  }

  #show(changes: readonly { readonly change: ChangeSet }[]): void {
    this.#slow.receive(changes);
    for (const { change } of changes) this.undo.receive(change);
  }
}

/** Takes all but the last lines away: at least `kept` characters stay. */
function allBut(text: Text, kept: number): ChangeSet {
  return ChangeSet.of({ from: 0, to: text.lineAt(text.length - kept).from }, text.length);
}

export interface SimulationOptions {
  readonly seed: number;
  readonly people: number;
  readonly operations: number;
}

/** Lets people type at random, with lost frames, until all have everything; returns what must be equal. */
export function simulate({ seed, people: count, operations }: SimulationOptions): {
  authority: Authority;
  people: Person[];
} {
  const random = new Random(seed);
  const authority = new Authority("hello world\nsecond line 😀\n");
  const people = Array.from({ length: count }, (_, index) => new Person(`client-${index}`, authority));
  for (let done = 0; done < operations; ) {
    const person = random.pick(people);
    if (random.chance(1 / 7)) {
      person.type(random);
      done++;
      continue;
    }
    const kind = random.next();
    if (kind < 0.02) person.takeBack(random.chance(0.3));
    else if (kind < 0.04) person.reconnect();
    else step(person, random, random.chance(0.02));
  }
  settle(people, random);
  return { authority, people };
}

/** Lets people type a word each, all at the same place; returns the text. */
export function typeWords(words: readonly string[], seed: number): string {
  const random = new Random(seed);
  const authority = new Authority("[]");
  const typists = words.map((word, index) => {
    const person = new Person(`client-${index}`, authority);
    person.editor.caret = 1;
    return { person, left: [...word] };
  });
  while (typists.some(({ left }) => left.length > 0)) {
    const { person, left } = random.pick(typists);
    if (random.chance(0.2)) person.editor.typeAtCaret(left.shift() ?? "");
    else if (random.chance(0.02)) person.reconnect();
    else step(person, random, random.chance(0.02));
  }
  settle(
    typists.map(({ person }) => person),
    random,
  );
  return authority.text.toString();
}

function settle(people: readonly Person[], random: Random): void {
  for (const person of people) person.reconnect();
  while (!people.every((person) => person.settled)) step(random.pick(people), random, false);
}

function step(person: Person, random: Random, lost: boolean): void {
  const steps = [
    () => person.startApply(),
    () => person.finishApply(),
    () => person.hear(),
    () => person.send(lost),
    () => person.receive(1 + random.below(3)),
  ];
  random.pick(steps)();
}
