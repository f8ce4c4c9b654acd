import { beforeEach, describe, expect, test, vi } from "vitest";
import type * as Vscode from "vscode";
import type { KeptText } from "../../../src/browser/keeper/kept-text.ts";

/** One file, its editor in VS Code, and a person who answers. */
const ide = vi.hoisted(() => ({
  disk: undefined as string | undefined,
  /** The saved state that the editor is about: VS Code refuses to save over another one. */
  known: undefined as string | undefined,
  text: undefined as string | undefined,
  isDirty: false,
  undo: [] as string[],
  /** What the person presses, one question after the other. */
  answers: [] as (string | (() => string))[],
  asked: [] as string[],
  /** The right side of the last comparison. */
  right: undefined as { scheme: string } | undefined,
  newFiles: [] as string[],

  set(text: string) {
    if (this.text !== undefined) this.undo.push(this.text);
    this.text = text;
  },
  restoredByVscode(text: string, known: string) {
    Object.assign(this, { text, known, isDirty: true });
  },
  opened() {
    // As VS Code: an unsaved state that it restored comes before the file.
    if (this.text === undefined) {
      if (this.disk === undefined) throw new Error("no such file");
      Object.assign(this, { text: this.disk, known: this.disk });
    } else if (!this.isDirty && this.disk !== undefined) {
      Object.assign(this, { text: this.disk, known: this.disk });
    }
    return document;
  },
  /** @returns whether VS Code saved */
  save(): boolean {
    if (this.disk !== this.known) return false;
    Object.assign(this, { disk: this.text, known: this.text, isDirty: false });
    return true;
  },
}));
const document = {
  get isDirty() {
    return ide.isDirty;
  },
  getText: () => ide.text ?? "",
  lineCount: 1,
  lineAt: () => ({ range: { end: { line: 0, character: 0 } } }),
  uri: {},
};

vi.mock("vscode", () => ({
  Uri: {
    parse: (text: string) => ({ scheme: text.split(":")[0], path: text.replace(/^.*:(\/\/[^/]*)?/, ""), query: "" }),
    from: (parts: object) => parts,
  },
  Range: class {},
  WorkspaceEdit: class {
    text = "";
    replace(_uri: unknown, _range: unknown, text: string) {
      this.text = text;
    }
  },
  EventEmitter: class {
    readonly event = () => ({ dispose: () => undefined });
    fire() {}
    dispose() {}
  },
  FileSystemError: class extends Error {
    readonly code = "FileNotFound";
  },
  workspace: {
    textDocuments: [],
    async openTextDocument(what: { content?: string }) {
      if (what.content === undefined) return ide.opened();
      ide.newFiles.push(what.content);
      return document;
    },
    fs: {
      async readFile() {
        const { FileSystemError } = await import("vscode");
        if (ide.disk === undefined) throw new FileSystemError();
        return new TextEncoder().encode(ide.disk);
      },
    },
    async applyEdit({ text }: { text: string }) {
      ide.set(text);
      ide.isDirty = true;
      return true;
    },
  },
  window: {
    async showErrorMessage(message: string) {
      ide.asked.push(message.replace(/^.*browser\.\s*|^.*text is /, ""));
      const answer = ide.answers.shift();
      return typeof answer === "function" ? answer() : answer;
    },
    showInformationMessage: async () => undefined,
    showTextDocument: async () => undefined,
  },
  commands: {
    async executeCommand(name: string, _left: unknown, right: { scheme: string }) {
      if (name === "vscode.diff") ide.right = right;
      if (name !== "workbench.action.files.revert" || ide.disk === undefined) return;
      ide.set(ide.disk);
      Object.assign(ide, { known: ide.disk, isDirty: false });
    },
  },
  l10n: { t: (message: string) => message },
}));
const { Comparisons, keptScheme } = await import("../../../src/browser/keeper/comparison.ts");
const { Offers } = await import("../../../src/browser/keeper/offer.ts");

const kept: KeptText = {
  place: "/ide/ /work",
  page: "one",
  uri: "vscode-remote://host/work/a.txt",
  language: "plaintext",
  text: "typed",
  base: "before",
  cells: null,
  at: 0,
};
const comparisons = new Comparisons(() => kept);
let isKept: boolean;
const store = {
  has: async () => isKept,
  async delete() {
    isKept = false;
  },
};

beforeEach(() => {
  isKept = true;
  Object.assign(ide, { disk: "before", known: undefined, text: undefined, isDirty: false });
  Object.assign(ide, { undo: [], answers: [], asked: [], right: undefined, newFiles: [] });
});

const offer = (...answers: (string | (() => string))[]) => {
  ide.answers = answers;
  return new Offers(store, comparisons).offer(kept);
};
/** What the person sees on the right. */
async function shown(): Promise<string | undefined> {
  if (ide.right?.scheme !== keptScheme) return ide.text;
  return comparisons.provideTextDocumentContent(ide.right as Vscode.Uri);
}
const changed = "The file has changed meanwhile.";
const onLeft = "on the left, the file on the right.";

describe.each([
  ["nothing", () => undefined],
  ["an older state", () => ide.restoredByVscode("typ", "before")],
  ["an older state of an older file", () => ide.restoredByVscode("typ", "long before")],
  ["the same state", () => ide.restoredByVscode("typed", "before")],
])("VS Code restored %s", (state, restore) => {
  const isSame = state === "the same state";

  test("the file is as it was: Restore puts the text into it, and it can be saved", async () => {
    restore();
    const older = ide.text;
    await offer("Restore");
    expect(ide.asked).toEqual(isSame ? [] : [""]);
    expect(ide.text).toBe("typed");
    if (older !== undefined && !isSame) expect(ide.undo).toContain(older);
    expect(ide.save()).toBe(true);
    expect([ide.disk, isKept]).toEqual(["typed", false]);
  });

  test("the file changed: people see what they typed and what is on the disk", async () => {
    restore();
    ide.disk = "changed elsewhere";
    await offer("Compare");
    expect(ide.asked).toEqual([changed, onLeft]);
    expect(await shown()).toBe("changed elsewhere");
    expect([ide.disk, isKept]).toEqual(["changed elsewhere", true]);
  });

  test("the file changed: Use What I Typed can be saved, and undo brings back the file", async () => {
    restore();
    ide.disk = "changed elsewhere";
    await offer("Compare", "Use What I Typed");
    expect(ide.text).toBe("typed");
    expect(ide.undo).toContain("changed elsewhere");
    expect(ide.save()).toBe(true);
    expect([ide.disk, isKept]).toEqual(["typed", false]);
  });

  test("the file changed: Discard changes neither the file nor its editor", async () => {
    restore();
    const before = ide.text ?? "changed elsewhere";
    ide.disk = "changed elsewhere";
    await offer("Compare", "Discard");
    expect([ide.text, ide.disk, isKept]).toEqual([before, "changed elsewhere", false]);
  });

  test("the file changed after the question: people are asked again", async () => {
    restore();
    const change = (text: string, answer: string) => () => {
      ide.disk = text;
      return answer;
    };
    ide.disk = "changed elsewhere";
    await offer("Compare", change("changed again", "Use What I Typed"), "Compare");
    expect(ide.asked).toEqual([changed, onLeft, changed, onLeft]);
    expect(await shown()).toBe("changed again");
    expect([ide.disk, isKept]).toEqual(["changed again", true]);
  });

  test("the file is gone: the text is in an editor, and a restored one stays", async () => {
    restore();
    const before = ide.text;
    ide.disk = undefined;
    await offer("Open as New File");
    expect(ide.asked).toEqual(isSame ? [] : ["The file no longer exists."]);
    expect(ide.newFiles).toEqual(isSame ? [] : ["typed"]);
    expect([ide.text, ide.disk, isKept]).toEqual([before, undefined, false]);
  });

  test("the file has it already: nobody loses it", async () => {
    restore();
    ide.disk = "typed";
    await offer("Restore");
    expect([ide.text, ide.disk, isKept]).toEqual(["typed", "typed", false]);
  });

  test("what was typed since the question stays, and the kept text opens beside it", async () => {
    restore();
    ide.disk = "changed elsewhere";
    const type = () => {
      Object.assign(ide, { text: "something new", isDirty: true });
      return "Use What I Typed";
    };
    await offer("Compare", type);
    expect(ide.newFiles).toEqual(["typed"]);
    expect([ide.text, ide.disk, isKept]).toEqual(["something new", "changed elsewhere", false]);
  });
});

test("a file that changed while it was offered to restore is compared first", async () => {
  const change = () => {
    ide.disk = "changed elsewhere";
    return "Restore";
  };
  await offer(change, "Compare");
  expect(ide.asked).toEqual(["", changed, onLeft]);
  expect([await shown(), isKept]).toEqual(["changed elsewhere", true]);
});

test("an older state that VS Code saved by itself makes no other question", async () => {
  ide.restoredByVscode("typ", "before");
  const autoSave = () => {
    ide.save();
    return "Restore";
  };
  await offer(autoSave);
  expect(ide.asked).toEqual([""]);
  expect([ide.text, ide.disk, isKept]).toEqual(["typed", "typ", false]);
});
