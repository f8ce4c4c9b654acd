import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { SelectionTracker } from "../../../../src/workspace/selection/selection.ts";

const file = ["zero", "one", "two", "three", "four", "five", "six"].join("\n");

/** Lines from 1; columns: whole lines unless said otherwise. */
function select(content: string, line: number, end_line: number, col = 0, end_col: number | null = null) {
  const tracker = SelectionTracker.create(content, { line, col, end_line, end_col });
  if (tracker === undefined) throw new Error("nothing was selected");
  return tracker;
}

/** `two` to `four`, after a change of the file. */
function after(change: (lines: string[]) => string[]) {
  const { placement, text } = select(file, 3, 5).place(change(file.split("\n")).join("\n"));
  return { lines: [placement.line, placement.end_line], outdated: placement.outdated, text };
}

const unchanged = "two\nthree\nfour";

describe("R12: the place is found again", () => {
  test.each<[string, (lines: string[]) => string[], number, number, string]>([
    ["nothing changed", (lines) => lines, 3, 5, unchanged],
    ["lines put in above", (lines) => ["x", "y", ...lines], 5, 7, unchanged],
    ["a line put in right above", (lines) => lines.toSpliced(2, 0, "x"), 4, 6, unchanged],
    ["lines above taken out", (lines) => lines.slice(2), 1, 3, unchanged],
    ["lines above changed", (lines) => lines.with(0, "ZERO").with(1, "ONE"), 3, 5, unchanged],
    ["lines below changed", (lines) => lines.slice(0, 5), 3, 5, unchanged],
    ["a line put in right below", (lines) => lines.toSpliced(5, 0, "x"), 3, 5, unchanged],
    ["a line put in inside", (lines) => lines.toSpliced(3, 0, "x"), 3, 6, "two\nx\nthree\nfour"],
    ["a line inside changed", (lines) => lines.with(3, "THREE"), 3, 5, "two\nTHREE\nfour"],
    ["the line inside taken out", (lines) => lines.toSpliced(3, 1), 3, 4, "two\nfour"],
    ["an edge changed a little", (lines) => lines.with(2, "two!").with(4, "fo-ur"), 3, 5, "two!\nthree\nfo-ur"],
    ["moved as a whole", (lines) => [...lines.slice(0, 2), ...lines.slice(5), ...lines.slice(2, 5)], 5, 7, unchanged],
    ["above, inside and below", (lines) => ["x", ...lines.with(3, "T"), "y"], 4, 6, "two\nT\nfour"],
    ["a copy of its first line above", (lines) => lines.toSpliced(2, 0, "two", "secret"), 5, 7, unchanged],
    ["a copy of its last line below", (lines) => lines.toSpliced(5, 0, "secret", "four"), 3, 5, unchanged],
  ])("%s", (_, change, line, end, text) => {
    expect(after(change)).toEqual({ lines: [line, end], outdated: false, text });
  });

  test.each<[string, (lines: string[]) => string[]]>([
    ["taken out", (lines) => lines.toSpliced(2, 3)],
    ["the first line taken out", (lines) => lines.toSpliced(2, 1)],
    ["the last line taken out", (lines) => lines.toSpliced(4, 1)],
    ["the first line replaced by another", (lines) => lines.with(2, "secret")],
    ["the first line replaced by two", (lines) => lines.toSpliced(2, 1, "secret", "twos")],
    ["the last line replaced by two", (lines) => lines.toSpliced(4, 1, "fours", "secret")],
    ["a change across the upper edge", (lines) => lines.toSpliced(1, 2, "secret", "two.")],
    ["a change across the lower edge", (lines) => lines.toSpliced(4, 2, "secret", "four.")],
    ["everything replaced", () => ["secret"]],
    ["an empty file", () => []],
  ])("not certain: %s", (_, change) => {
    expect(after(change)).toMatchObject({ outdated: true, text: unchanged });
  });

  it("what was out of date is found again when the change is undone", () => {
    const tracker = select(file, 3, 5);
    expect(tracker.place("secret").placement.outdated).toBe(true);
    expect(tracker.replace("secret", "x")).toBe("outdated");
    expect(tracker.place(file)).toMatchObject({ text: unchanged, placement: { line: 3, outdated: false } });
  });

  it("other line endings are no other place", () => {
    const tracker = select(file, 3, 5);
    expect(tracker.place(file.replaceAll("\n", "\r\n"))).toMatchObject({
      text: "two\r\nthree\r\nfour",
      placement: { line: 3, end_line: 5, outdated: false },
    });
  });
});

describe("R12: columns cut the first and the last line", () => {
  const content = "key = value # secret\nnext\npassword: open end\n";
  test.each<[string, string, string | undefined]>([
    ["unchanged", content, "value"],
    ["put in before", content.replace("key", "the key"), "value"],
    ["put in right before", content.replace("= ", "= secret "), "value"],
    ["put in right after", content.replace("value", "values"), "value"],
    ["changed after", content.replace("# secret", "# very secret"), "value"],
    ["changed inside", content.replace("value", "vague"), "vague"],
    ["changed across the beginning", content.replace("= val", "=  wal"), undefined],
    ["changed across the end", content.replace("ue # s", "u2 # S"), undefined],
    ["the line is another", content.replace("key = value # secret", "secret secret secret"), undefined],
    ["the line was copied above", `key = value # secret\n${content}`, "value"],
  ])("%s", (_, changed, text) => {
    const tracker = select(content, 1, 1, 6, 11);
    const { text: found, placement } = tracker.place(changed);
    expect({ found, outdated: placement.outdated }).toEqual({ found: text ?? "value", outdated: text === undefined });
  });

  it("over several lines", () => {
    const tracker = select(content, 1, 3, 6, 8);
    expect(tracker.text).toBe("value # secret\nnext\npassword");
    expect(tracker.place(`top\n${content}`)).toMatchObject({
      text: "value # secret\nnext\npassword",
      placement: { line: 2, col: 6, end_line: 4, end_col: 8 },
    });
  });
});

describe("R12: invalid ranges", () => {
  test.each([
    [1, 9, 0, null],
    [8, 8, 0, null],
    [3, 2, 0, null],
    [1, 1, 5, null],
    [1, 1, 3, 2],
    [1, 1, 2, 2],
    [1, 1, 0, 5],
  ])("line %i to %i, columns %i to %s", (line, end_line, col, end_col) => {
    expect(SelectionTracker.create(file, { line, end_line, col, end_col })).toBeUndefined();
  });

  it("lines end as in VS Code", () => {
    expect(SelectionTracker.create("a\rb\r\nc", { line: 2, end_line: 3, col: 0, end_col: null })?.text).toBe("b\r\nc");
  });
});

describe("R12: writing", () => {
  it("replaces the range and nothing else, and is followed", () => {
    const tracker = select(file, 3, 5);
    const changed = tracker.replace(file, "new\nlines\n\nhere");
    expect(changed).toBe("zero\none\nnew\nlines\n\nhere\nfive\nsix");
    expect(tracker.place(String(changed))).toMatchObject({
      text: "new\nlines\n\nhere",
      placement: { line: 3, end_line: 6, end_col: null, outdated: false },
    });
    expect(tracker.place(`top\n${changed}`)).toMatchObject({ text: "new\nlines\n\nhere", placement: { line: 4 } });
  });

  it("is forgotten where it was not saved", () => {
    const tracker = select(file, 3, 5);
    tracker.replace(file, "never");
    expect(tracker.place(file).text).toBe(unchanged);
    expect(tracker.place(file.replace("three", "3")).text).toBe("two\n3\nfour");
  });

  it("may empty the selection and fill it again", () => {
    const tracker = select(file, 3, 5);
    const emptied = String(tracker.replace(file, ""));
    expect(tracker.place(emptied)).toMatchObject({ text: "", placement: { outdated: false } });
    expect(tracker.replace(emptied, "again")).toBe("zero\none\nagain\nfive\nsix");
  });
});

describe("R12: after a restart", () => {
  const restored = (tracker: SelectionTracker) => SelectionTracker.restore(tracker.serialize());

  it("the same file has the same place, even if the text occurs twice", () => {
    const twice = "a\nb\na\nb";
    expect(restored(select(twice, 3, 4)).place(twice)).toMatchObject({ text: "a\nb", placement: { line: 3 } });
  });

  test.each([
    "",
    "{",
    "null",
    "{}",
    '{"text": "a", "range": {"line": -1}, "outdated": false, "file": ""}',
    '{"text": 7, "range": {"line": 1, "col": 0, "end_line": 1, "end_col": null}, "outdated": false, "file": ""}',
  ])("a record that is damaged has no place: %s", (json) => {
    expect(SelectionTracker.restore(json).place(file)).toMatchObject({ text: "", placement: { outdated: true } });
  });

  it("another file: where the text occurs once", () => {
    expect(restored(select(file, 3, 5)).place(`x\n${file}`)).toMatchObject({ placement: { line: 4, outdated: false } });
  });

  test.each([
    ["twice", `${file}\n${file}`],
    ["not at all", "other"],
    ["only as a part of lines", file.replace("two", "-two")],
  ])("%s: out of date", (_, content) => {
    expect(restored(select(file, 3, 5)).place(content)).toMatchObject({
      text: unchanged,
      placement: { outdated: true },
    });
  });

  it("reports when it is worth storing", () => {
    const tracker = select(file, 3, 5);
    let told = 0;
    tracker.onMoved = () => {
      told += 1;
    };
    tracker.place(file);
    expect(told).toBe(0);
    tracker.place(`x\n${file}`);
    tracker.place("secret");
    tracker.place("secret");
    expect(told).toBe(2);
  });
});

/** Lines that are shared say so, all others say that they are secret: no edit of whole lines may ever mix them up. */
it("R12: no line that was not put inside is ever shown", () => {
  const secret = fc.nat({ max: 3 }).map((number) => `secret ${number}`);
  const edit = fc.record({
    at: fc.nat({ max: 30 }),
    remove: fc.nat({ max: 3 }),
    insert: fc.array(secret, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(secret, { maxLength: 6 }),
      fc.array(
        fc.nat({ max: 2 }).map((number) => `shared ${number}`),
        { minLength: 1, maxLength: 5 },
      ),
      fc.array(secret, { maxLength: 6 }),
      fc.array(edit, { maxLength: 6 }),
      (above, shared, below, edits) => {
        const tracker = select(
          [...above, ...shared, ...below].join("\n"),
          above.length + 1,
          above.length + shared.length,
        );
        let lines = [...above, ...shared, ...below];
        for (const { at, remove, insert } of edits) {
          const first = lines.findIndex((line) => line.startsWith("shared"));
          const last = lines.findLastIndex((line) => line.startsWith("shared"));
          const start = Math.min(at, lines.length);
          // Inside, what is put in belongs to it; here everything happens outside, or takes away.
          const isInside = start > first && start <= last;
          lines = lines.toSpliced(start, remove, ...(isInside ? [] : insert));
          expect(tracker.place(lines.join("\n")).text).not.toContain("secret");
        }
      },
    ),
    { numRuns: 300 },
  );
});
