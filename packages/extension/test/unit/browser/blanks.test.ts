import { LiveClient, toText } from "@waiide/protocol/live";
import { expect, it, vi } from "vitest";

interface Edit {
  readonly range: { readonly start: Place; readonly end: Place };
  readonly text: string;
}
interface Place {
  readonly line: number;
  readonly character: number;
}

/** As far as a background tab needs it. */
const vscode = vi.hoisted(() => ({ applyEdit: (_edits: unknown[]) => Promise.resolve(true) }));
vi.mock("vscode", () => ({
  Range: class {
    readonly start: Place;
    readonly end: Place;
    constructor(line: number, character: number, endLine: number, endCharacter: number) {
      this.start = { line, character };
      this.end = { line: endLine, character: endCharacter };
    }
  },
  WorkspaceEdit: class {
    readonly edits: unknown[] = [];
    replace(_uri: unknown, range: unknown, text: string) {
      this.edits.push({ range, text });
    }
  },
  window: { visibleTextEditors: [] },
  workspace: { applyEdit: ({ edits }: { edits: unknown[] }) => vscode.applyEdit(edits) },
}));
const { Binding } = await import("../../../src/browser/live/binding.ts");
const { textOf, offsetAt } = await import("../../../src/browser/live/editor-text.ts");

type Document = ConstructorParameters<typeof Binding>[0]["document"];

/** A document of VS Code that nobody has in front, and what the gateway and a guest have of it. */
function bound(text: string) {
  const state = { text, version: 1, isDirty: false };
  const document = { getText: () => state.text, uri: {}, eol: 1 } as unknown as Document;
  const onEdit = vi.fn();
  const options = { document, doc: 1, saved: textOf(text), client: "owner-window", onEdit, onShown: () => undefined };
  const binding = new Binding(options, {
    type: "live-opened",
    path: "a.py",
    doc: 1,
    epoch: "epoch",
    rev: 0,
    text,
    seq: 0,
    eol: "\n",
    writable: true,
    saved: 0,
  });
  const edit = (edits: readonly Edit[]) => {
    for (const { range, text: insert } of [...edits].reverse()) {
      const now = textOf(state.text);
      state.text =
        state.text.slice(0, offsetAt(now, range.start)) + insert + state.text.slice(offsetAt(now, range.end));
    }
    state.version += 1;
    const contentChanges = [...edits].reverse() as never;
    binding.changed({ document, contentChanges, reason: undefined });
  };
  vscode.applyEdit = async (edits) => {
    edit(edits as Edit[]);
    return true;
  };
  const guest = new LiveClient("guest-page", { epoch: "epoch", rev: 0, text });
  return { state, binding, edit, guest };
}

const at = (line: number, character: number) => ({ line, character });
const trim = (line: number, from: number, to: number): Edit => ({
  range: { start: at(line, from), end: at(line, to) },
  text: "",
});

/** A guest writes, and the window shows it. */
async function guestTypes({ binding, guest }: ReturnType<typeof bound>, from: number, insert: string): Promise<void> {
  const { ChangeSet } = await import("@waiide/protocol/live");
  guest.edit(ChangeSet.of({ from, insert }, guest.shown.length));
  const next = guest.next();
  if (next === undefined) throw new Error("nothing to send");
  const changes = [{ person: "guest", client: "guest-page", seq: next.seq, change: next.change }];
  const rev = guest.rev + 1;
  guest.receive(rev, changes);
  binding.receive(rev, changes);
  await binding.shown(performance.now() + 1_000);
}

it("R24: blanks that a save removed come back where the guest went on typing", async () => {
  const window = bound("one\n");
  await guestTypes(window, 3, "  # ");
  expect(window.state.text).toBe("one  # \n");
  window.edit([trim(0, 6, 7)]);
  expect(window.binding.hasTrimmed).toBe(true);
  // The guest's next key comes before VS Code says that it has saved.
  await guestTypes(window, 7, "x");
  expect(window.binding.hasTrimmed).toBe(true);
  window.binding.hold();
  await window.binding.restore();
  expect(window.state.text).toBe("one  # x\n");
  expect(window.binding.next()).toBeUndefined();
});

it("R24: blanks that VS Code reads from the file again are nobody's change", async () => {
  const window = bound("one\n");
  await guestTypes(window, 3, "  ");
  window.edit([trim(0, 3, 5)]);
  window.binding.hold();
  expect(window.binding.isHolding).toBe(true);
  window.edit([{ range: { start: at(0, 3), end: at(0, 3) }, text: "  " }]);
  expect(window.binding.isHolding).toBe(false);
  expect(window.binding.next()).toBeUndefined();
  expect(window.binding.confirmed.text.eq(toText("one  \n"))).toBe(true);
});

it("R24: blanks that do not come back are removed for all", async () => {
  const window = bound("one\n");
  await guestTypes(window, 3, "  ");
  window.edit([trim(0, 3, 5)]);
  window.binding.hold();
  window.binding.release();
  expect(window.binding.next()?.change).toEqual([3, [2], 1]);
});

it("R24: a formatter's blanks count, those where nobody writes do not", async () => {
  const window = bound("one  \ntwo\n");
  await guestTypes(window, 9, "  ");
  window.edit([trim(0, 3, 5), trim(1, 3, 5), { range: { start: at(2, 0), end: at(2, 0) }, text: "end\n" }]);
  expect(window.binding.takeTrimmed()).toEqual([{ place: at(1, 3), text: "  " }]);
});
