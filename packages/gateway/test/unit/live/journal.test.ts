import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Author } from "../../../src/live/author.ts";
import { Journal, type JournalHeader } from "../../../src/live/journal.ts";

const header: JournalHeader = {
  journal: 1,
  root: "/home/alice",
  path: "a.txt",
  epoch: "epoch",
  rev: 0,
  text: "one",
  eol: "\n",
  mark: "",
  disk: { rev: 0, version: "v0" },
  clients: {},
};
const bob: Author = { kind: "save", person: "bob", share: "share" };
const change = { client: "client-1", seq: 1, change: [[0, "x"], 3] };

function journalFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "waiide-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return Journal.fileOf(join(folder, "live"), "/home/alice/a.txt");
}

it("R24: a journal is read as it was written", () => {
  const file = journalFile();
  const journal = Journal.create(file, header);
  journal.change(bob, { ...change, rev: 1 });
  journal.change({ kind: "disk" }, { ...change, rev: 2, client: "" });
  journal.change(bob, { ...change, rev: 3, seq: 2 });
  journal.saved({ rev: 2, version: "v2" });
  journal.close(true);

  expect(Journal.read(file)).toEqual({
    header,
    authors: [bob, { kind: "disk" }],
    changes: [
      { ...change, rev: 1, by: 0 },
      { ...change, rev: 2, by: 1, client: "" },
      { ...change, rev: 3, by: 0, seq: 2 },
    ],
    disk: { rev: 2, version: "v2" },
  });
});

it("R24: a line that was cut off, and what follows it, does not count", () => {
  const file = journalFile();
  const journal = Journal.create(file, header);
  journal.change(bob, { ...change, rev: 1 });
  journal.close(true);
  appendFileSync(file, '{"rev":2,"by":0,"cli');
  expect(Journal.read(file)?.changes).toHaveLength(1);
  appendFileSync(file, `\n${JSON.stringify({ ...change, rev: 2, by: 0 })}\n`);
  expect(Journal.read(file)?.changes).toHaveLength(1);
});

it("R24: a journal that begins anew holds the new text and the last changes", () => {
  const file = journalFile();
  const journal = Journal.create(file, header);
  journal.change(bob, { ...change, rev: 1 });
  journal.restart({ ...header, rev: 1, text: "xone" }, [{ ...change, rev: 1, author: bob }]);
  journal.change(bob, { ...change, rev: 2, seq: 2 });
  journal.close(true);

  const content = Journal.read(file);
  expect(content?.header).toMatchObject({ rev: 1, text: "xone" });
  expect(content?.changes.map(({ rev }) => rev)).toEqual([1, 2]);
});

it("a journal that is not needed is removed, and one that is missing is none", () => {
  const file = journalFile();
  Journal.create(file, header).close(false);
  expect(Journal.read(file)).toBeUndefined();
  appendFileSync(file, "[]\n");
  expect(Journal.read(file)).toBeUndefined();
});
