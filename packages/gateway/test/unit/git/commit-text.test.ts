import { expect, it } from "vitest";
import { readCommit, rewriteCommit } from "../../../src/git/commit-text.ts";

const person = "Ana Ö <ana@example.org> 1700000000 +0100";

function commit(lines: readonly string[], message: string, encoding: BufferEncoding = "utf8"): Buffer {
  return Buffer.from(`${lines.join("\n")}\n\n${message}`, encoding);
}

it("author, date and message are read", () => {
  const text = readCommit(
    commit([`tree ${"1".repeat(40)}`, `author ${person}`, `committer ${person}`], "Title\n\nBody\n"),
  );
  expect(text).toEqual({
    author: "Ana Ö",
    email: "ana@example.org",
    date: 1_700_000_000_000,
    message: "Title\n\nBody",
  });
});

it("another encoding is read as it says, an unknown one as UTF-8", () => {
  const latin = commit([`author ${person}`, `committer ${person}`, "encoding ISO-8859-1"], "Größe", "latin1");
  expect(readCommit(latin)).toMatchObject({ author: "Ana Ö", message: "Größe" });
  expect(readCommit(commit([`author ${person}`, "encoding no-such"], "Größe")).message).toBe("Größe");
});

it("what is no author is nobody", () => {
  expect(readCommit(commit(["author <<>>"], "x"))).toEqual({ author: "unknown", email: "", date: 0, message: "x" });
  expect(readCommit(Buffer.from("")).message).toBe("");
});

it("rewritten, it keeps people and words, and loses its signature", () => {
  const lines = [`tree ${"1".repeat(40)}`, `parent ${"2".repeat(40)}`, `author ${person}`, `committer ${person}`];
  const signed = commit(
    [...lines, "gpgsig -----BEGIN PGP SIGNATURE-----", " x", " -----END PGP SIGNATURE-----"],
    "Title\n",
  );
  const [tree, parent] = ["3".repeat(40), "4".repeat(40)];
  expect(rewriteCommit(signed, tree, [parent]).toString()).toBe(
    `tree ${tree}\nparent ${parent}\nauthor ${person}\ncommitter ${person}\n\nTitle\n`,
  );
});
