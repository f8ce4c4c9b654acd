import { beforeEach, expect, it, vi } from "vitest";
import { TargetFile } from "../../../src/guest-changes/target-file.ts";

interface Edit {
  readonly range: { readonly start: number; readonly end: number };
  readonly text: string;
}

/** A file, and an editor with it. */
const fake = vi.hoisted(() => ({ file: Buffer.alloc(0), editor: undefined as string | undefined, saves: 0 }));
vi.mock("vscode", () => {
  const uri = { path: "/w/a.txt", fsPath: "/w/a.txt", toString: () => "file:///w/a.txt" };
  const document = {
    uri,
    isDirty: true,
    isClosed: false,
    getText: () => fake.editor,
    positionAt: (offset: number) => offset,
    save: async () => {
      fake.saves += 1;
    },
  };
  return {
    Uri: { file: () => uri },
    FileSystemError: class extends Error {},
    Range: class {
      readonly start: number;
      readonly end: number;
      constructor(start: number, end: number) {
        this.start = start;
        this.end = end;
      }
    },
    WorkspaceEdit: class {
      edit: Edit | undefined;
      replace(_: unknown, range: Edit["range"], text: string) {
        this.edit = { range, text };
      }
    },
    l10n: { t: (message: string, name = "") => message.replace("{0}", name) },
    workspace: {
      notebookDocuments: [],
      get textDocuments() {
        return fake.editor === undefined ? [] : [document];
      },
      applyEdit: async ({ edit }: { edit: Edit }) => {
        const { start, end } = edit.range;
        fake.editor = `${fake.editor?.slice(0, start)}${edit.text}${fake.editor?.slice(end)}`;
        return true;
      },
      fs: {
        readFile: async () => fake.file,
        writeFile: async (_: unknown, bytes: Uint8Array) => {
          fake.file = Buffer.from(bytes);
        },
      },
    },
  };
});

beforeEach(() => Object.assign(fake, { file: Buffer.from("one\n"), editor: undefined, saves: 0 }));

it("without an editor the bytes are read and written as they are", async () => {
  const target = await TargetFile.read("/w/a.txt");
  expect(target.now).toEqual({ text: null, base64: Buffer.from("one\n").toString("base64") });
  await target.replace({ text: null, base64: "/wA=" });
  expect(fake.file).toEqual(Buffer.from([0xff, 0]));
});

it("what is unsaved counts; the change is made in the editor, and saved", async () => {
  Object.assign(fake, { file: Buffer.from("\uFEFFone\n"), editor: "one\nunsaved\n" });
  const target = await TargetFile.read("/w/a.txt");
  expect(target.now).toEqual({ text: "\uFEFFone\nunsaved\n" });
  await target.replace({ text: "\uFEFF1\nunsaved\n" });
  expect(fake).toMatchObject({ file: Buffer.from("\uFEFFone\n"), editor: "1\nunsaved\n", saves: 1 });
});

it("what was typed or written meanwhile is not replaced", async () => {
  const written = await TargetFile.read("/w/a.txt");
  fake.file = Buffer.from("two\n");
  await expect(written.replace({ text: "zero\n" })).rejects.toThrow("just changed");
  expect(String(fake.file)).toBe("two\n");

  const opened = await TargetFile.read("/w/a.txt");
  fake.editor = "two, unsaved\n";
  await expect(opened.replace({ text: "zero\n" })).rejects.toThrow("just changed");
  const typed = await TargetFile.read("/w/a.txt");
  fake.editor = "two, typed on\n";
  await expect(typed.replace({ text: "zero\n" })).rejects.toThrow("just changed");
  expect(fake).toMatchObject({ file: Buffer.from("two\n"), editor: "two, typed on\n", saves: 0 });
});

it("bytes that are no text do not replace what is unsaved", async () => {
  fake.editor = "one\nunsaved\n";
  const target = await TargetFile.read("/w/a.txt");
  await expect(target.replace({ text: null, base64: "/wA=" })).rejects.toThrow(
    "Save or undo your changes in a.txt first.",
  );
  expect(fake.editor).toBe("one\nunsaved\n");
});
