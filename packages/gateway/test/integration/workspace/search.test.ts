import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { FileError } from "../../../src/workspace/file-error.ts";
import { findRipgrep } from "../../../src/workspace/search/find-ripgrep.ts";
import { runRipgrep } from "../../../src/workspace/search/ripgrep.ts";
import { type GuestSettings, type Plan, plant, setUp, TestGuest, type WorkspaceSettings } from "./harness.ts";

async function setUpSearch(plan: Plan, settings: WorkspaceSettings & GuestSettings = {}) {
  const ripgrep = await findRipgrep(undefined, process.env);
  if (ripgrep === undefined)
    throw new Error("ripgrep is missing: the package @vscode/ripgrep-linux-… is not installed");
  return setUp(plan, { ripgrep, ...settings });
}

describe("R14: search finds", () => {
  it("text with its place", async () => {
    const { guest } = await setUpSearch({ "a.txt": "\ufeffé needle needle\r\nnothing\r\n", "b/c.txt": "x\nneedle" });
    const { files, incomplete } = await guest.ask("search", { pattern: "needle" });
    expect(incomplete).toBe(false);
    expect(files.sort((first, second) => (first.path < second.path ? -1 : 1))).toEqual([
      {
        path: "a.txt",
        matches: [
          { line: 1, text: "é needle needle", start: 2, end: 8, offset: 0 },
          { line: 1, text: "é needle needle", start: 9, end: 15, offset: 0 },
        ],
      },
      { path: "b/c.txt", matches: [{ line: 2, text: "needle", start: 0, end: 6, offset: 0 }] },
    ]);
  });

  it("long lines, cut around the match", async () => {
    const { guest } = await setUpSearch({ "a.txt": `${"x".repeat(5_000)}needle${"y".repeat(5_000)}` });
    const [match] = (await guest.ask("search", { pattern: "needle" })).files[0]?.matches ?? [];
    expect(match?.text.length).toBe(1_000);
    expect(match?.text.slice(match.start, match.end)).toBe("needle");
    expect((match?.offset ?? 0) + (match?.start ?? 0)).toBe(5_000);
  });

  test.each([
    [{ pattern: "Foo" }, ["a.txt", "b.md", "d/c.txt"]],
    [{ pattern: "Foo", case_sensitive: true }, ["b.md"]],
    [{ pattern: "foo", whole_word: true }, ["a.txt", "b.md"]],
    [{ pattern: "f.o", regexp: true }, ["a.txt", "b.md", "d/c.txt"]],
    [{ pattern: "f.o" }, []],
    [{ pattern: "foo", include: ["*.txt"] }, ["a.txt", "d/c.txt"]],
    [{ pattern: "foo", exclude: ["d/**"] }, ["a.txt", "b.md"]],
    [{ pattern: "foo", folder: "d" }, ["d/c.txt"]],
    [{ pattern: "foo", folder: "a.txt" }, ["a.txt"]],
    [{ pattern: "foo$", regexp: true }, ["a.txt", "b.md"]],
    [{ pattern: "-foo" }, ["dash.txt"]],
    [{ pattern: "--pre=touch" }, []],
    [{ pattern: "seen" }, [".dot/x"]],
    [{ pattern: "ignored" }, []],
  ])("%j", async (params, paths) => {
    const { guest } = await setUpSearch({
      "a.txt": "foo\r\n",
      "b.md": "Foo\n",
      "d/c.txt": "food\n",
      "dash.txt": "-fo" + "o\n",
      ".dot/x": "seen\n",
      "out/x.txt": "ignored\n",
      ".gitignore": "out/\n",
    });
    const { files } = await guest.ask("search", params);
    const found = files.map(({ path }) => path).sort();
    expect(found.filter((path) => path !== "dash.txt" || params.pattern === "-foo")).toEqual(paths);
  });
});

describe("R10, R14: search tells nothing of", () => {
  const plan = {
    "pub/a.txt": "needle",
    "priv/b.txt": "needle",
    ".env": "needle",
    "pub/.git/config": "needle",
    "pub/id_rsa": "needle",
    "pub/server.PEM": "needle",
    "pub/link.txt": "->../priv/b.txt",
    "pub/folder": "->../priv",
  };

  it("hidden files, also by name", async () => {
    const { guest } = await setUpSearch(plan);
    for (const include of [undefined, ["**"], [".env", ".git/**", "id_rsa", "*.PEM"]]) {
      const { files } = await guest.ask("search", { pattern: "needle", ...(include === undefined ? {} : { include }) });
      expect(files.map(({ path }) => path).sort()).toEqual(include?.length === 4 ? [] : ["priv/b.txt", "pub/a.txt"]);
    }
    for (const folder of ["pub/.git", ".env", "../root", "/etc", "none"]) {
      expect(await guest.outcome("search", { pattern: "needle", folder })).toBe("NOT_FOUND");
    }
    expect((await guest.ask("find", { pattern: "" })).paths.sort()).toEqual(["priv/b.txt", "pub/a.txt"]);
  });

  it("files outside the scope", async () => {
    const { workspace } = await setUpSearch(plan);
    const guest = new TestGuest(workspace, { level: "view", scope: { kind: "folder", path: "pub" } });
    expect((await guest.ask("search", { pattern: "needle" })).files.map(({ path }) => path)).toEqual(["pub/a.txt"]);
    expect(await guest.outcome("search", { pattern: "needle", folder: "priv" })).toBe("NOT_FOUND");
    expect(await guest.outcome("search", { pattern: "needle", folder: "" })).toBe("NOT_FOUND");
    expect(await guest.outcome("search", { pattern: "needle", folder: "pub/folder" })).toBe("NOT_FOUND");
    expect((await guest.ask("find", { pattern: "txt" })).paths).toEqual(["pub/a.txt"]);
  });

  it("files beside a shared file", async () => {
    const { workspace } = await setUpSearch(plan);
    const guest = new TestGuest(workspace, { scope: { kind: "file", path: "pub/a.txt" } });
    expect((await guest.ask("search", { pattern: "needle" })).files).toHaveLength(1);
    expect((await guest.ask("search", { pattern: "needle", include: ["**"] })).files).toHaveLength(1);
    expect(await guest.ask("find", { pattern: "" })).toEqual({ paths: ["pub/a.txt"], incomplete: false });
    expect(await guest.outcome("search", { pattern: "needle", folder: "pub" })).toBe("NOT_FOUND");
  });
});

it("R9: a link to outside is not searched, by any path", async () => {
  const { folder, root, guest } = await setUpSearch({ "a.txt": "needle" });
  await plant(folder, { "secret/s.txt": "needle secret" });
  symlinkSync(join(folder, "secret"), join(root, "out"));
  symlinkSync("../secret/s.txt", join(root, "s.txt"));
  const { files } = await guest.ask("search", { pattern: "needle" });
  expect(files.map(({ path }) => path)).toEqual(["a.txt"]);
  expect(await guest.outcome("search", { pattern: "needle", folder: "out" })).toBe("NOT_FOUND");
  expect(await guest.outcome("search", { pattern: "needle", folder: "s.txt" })).toBe("NOT_FOUND");
});

describe("R14: a search is bounded", () => {
  it.each(["(", "a\\", "x{1000}{1000}{1000}", "\\p{Nonsense}", "a\nb"])(
    "the pattern %j is refused",
    async (pattern) => {
      const { guest } = await setUpSearch({ "a.txt": "a" });
      expect(await guest.outcome("search", { pattern, regexp: true })).toBe("INVALID");
    },
  );

  it("a refusal is heard, though ripgrep's end is reported first", async () => {
    const { folder } = await setUpSearch({});
    const program = join(folder, "rg");
    writeFileSync(program, '#!/bin/sh\n(sleep 0.3; echo "error: late" >&2) >/dev/null &\nexit 2\n', { mode: 0o700 });
    const signal = new AbortController().signal;
    const searching = runRipgrep({
      program,
      args: [],
      folder,
      time: 60_000,
      signal,
      separator: "\n",
      onLine: () => true,
    });
    await expect(searching).rejects.toThrow("This cannot be searched for: late");
  });

  it("a bad glob is refused", async () => {
    const { guest } = await setUpSearch({ "a.txt": "a" });
    expect(await guest.outcome("search", { pattern: "a", include: ["{a"] })).toBe("INVALID");
  });

  it("a catastrophic pattern takes no time, and nothing waits for it", async () => {
    const { guest } = await setUpSearch({ "a.txt": `${"a".repeat(1_000_000)}!\n` });
    const searching = guest.outcome("search", { pattern: "^(a+)+$", regexp: true });
    // A later request is answered during the search: the event loop is free.
    expect(await guest.ask("stat", { path: "a.txt" })).toMatchObject({ kind: "file" });
    expect(await searching).toBe("done");
  });

  it("the matches are cut, and marked as cut", async () => {
    const { guest } = await setUpSearch({ "a.txt": "a\n".repeat(30_000), "b.txt": "a\n" });
    const { files, incomplete } = await guest.ask("search", { pattern: "a" });
    expect(incomplete).toBe(true);
    expect(files.reduce((sum, { matches }) => sum + matches.length, 0)).toBeLessThanOrEqual(10_000);
  });

  it("two of a share at once, others wait for their turn; time and page end them", async () => {
    const { workspace, root } = await setUpSearch(
      { "big.txt": "" },
      { limits: { searchTime: 300, file: 500 * 1024 ** 3 } },
    );
    // Sparse: many seconds of reading, no disk.
    truncateSync(join(root, "big.txt"), 400 * 1024 ** 3);
    const guest = new TestGuest(workspace, { scope: { kind: "file", path: "big.txt" } });
    const other = new TestGuest(workspace, { scope: { kind: "file", path: "big.txt" }, share: "share-2" });
    const stop = new AbortController();
    const first = guest.ask("search", { pattern: "x" });
    const second = guest.ask("search", { pattern: "x" }, stop.signal);
    const stopWaiting = new AbortController();
    const waiting = guest.ask("search", { pattern: "x" }, stopWaiting.signal);
    const queued = guest.ask("search", { pattern: "x" });
    stopWaiting.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CANCELLED" });
    const third = other.ask("search", { pattern: "x" });
    stop.abort();
    await expect(second).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await first).toEqual({ files: [], incomplete: true });
    expect((await third).incomplete).toBe(true);
    expect((await queued).incomplete).toBe(true);
    const last = guest.ask("search", { pattern: "x" }).catch((error: unknown) => error);
    guest.workspace.close();
    expect(await last).toMatchObject({ code: "CANCELLED" });
    expect(await last).toBeInstanceOf(FileError);
  });

  it("without ripgrep there is a plain reason", async () => {
    const { guest } = await setUp({ a: "1" });
    await expect(guest.ask("search", { pattern: "a" })).rejects.toMatchObject({
      code: "FAILED",
      message: expect.stringContaining("ripgrep is missing"),
    });
  });
});

it("find ranks file names as people type them", async () => {
  const { guest } = await setUpSearch({
    "src/model.py": "",
    "src/deep/my_other_dataset_explorer_lib.py": "",
    "docs/model/index.md": "",
    "modern/yaml": "",
  });
  expect((await guest.ask("find", { pattern: "model" })).paths[0]).toBe("src/model.py");
  expect((await guest.ask("find", { pattern: "srcmodel" })).paths[0]).toBe("src/model.py");
  expect((await guest.ask("find", { pattern: "mode", most: 1 })).paths).toEqual(["src/model.py"]);
  expect((await guest.ask("find", { pattern: "zzz" })).paths).toEqual([]);
});
