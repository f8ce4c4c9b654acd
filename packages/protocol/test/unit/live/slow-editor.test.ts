import { ChangeSet, type Text } from "@codemirror/state";
import { expect, it } from "vitest";
import { changeJson, LiveClient, SlowEditor } from "../../../src/live/index.ts";

/** VS Code, as far as a change of others may come too late; and the person who types in it. */
class Editor {
  text: Text;
  readonly client: LiveClient;
  readonly #slow: SlowEditor;
  #others = 0;

  constructor(text: string) {
    this.client = new LiveClient("client-of-the-owner", { epoch: "epoch", rev: 0, text });
    this.#slow = new SlowEditor(this.client);
    this.text = this.client.shown;
  }

  get settled(): boolean {
    return this.#slow.settled;
  }

  /** Somebody else inserts at the beginning, as the gateway tells it. */
  receive(insert: string): void {
    const change = ChangeSet.of({ from: 0, insert }, this.client.confirmed.length);
    this.#others += 1;
    this.#slow.receive(this.client.receive(this.#others, [{ person: "bob", change: changeJson(change) }]));
  }

  type(insert: string): void {
    const change = ChangeSet.of({ from: this.text.length, insert }, this.text.length);
    this.text = change.apply(this.text);
    this.#slow.changed(change);
  }

  /** @param meanwhile what happens before the editor takes the change; @returns whether it took it */
  apply(meanwhile: () => void): boolean {
    const change = this.#slow.take();
    if (change === undefined) return false;
    const before = this.text;
    meanwhile();
    const isTaken = this.text === before;
    if (isTaken) {
      this.text = change.apply(this.text);
      this.#slow.changed(change);
    }
    this.#slow.applied(isTaken);
    return isTaken;
  }
}

it("R24: a change that the editor refused twenty times still arrives, once", () => {
  const editor = new Editor("one\n");
  editor.receive("bob\n");
  for (let refusal = 0; refusal < 20; refusal++) expect(editor.apply(() => editor.type("x"))).toBe(false);
  expect(editor.text.toString()).toBe(`one\n${"x".repeat(20)}`);
  expect(editor.apply(() => undefined)).toBe(true);
  expect(editor.text.toString()).toBe(`bob\none\n${"x".repeat(20)}`);
  expect([editor.settled, editor.client.shown.eq(editor.text)]).toEqual([true, true]);
});

it("R24: while the owner types without a pause, others' text appears within a second", () => {
  const editor = new Editor("one\n");
  /** Milliseconds: a key each 60, and an edit that takes as long as it does in the page's worker. */
  const [minute, key, edit] = [60_000, 60, 3];
  let now = 0;
  let nextKey = key;
  let oldest: number | undefined;
  let longest = 0;
  const keysUntil = (time: number) => {
    for (; nextKey <= time; nextKey += key) editor.type("x");
  };
  for (let received = 0; now < minute; now += edit) {
    keysUntil(now);
    if (now >= received * 100) {
      received += 1;
      editor.receive("b");
      oldest ??= now;
    }
    if (editor.apply(() => keysUntil(now + edit)) && editor.settled) {
      longest = Math.max(longest, now + edit - (oldest ?? now));
      oldest = undefined;
    }
  }
  expect(longest).toBeLessThan(1_000);
  expect(editor.text.toString()).toMatch(/^b{600}one\nx{999}/);
});
