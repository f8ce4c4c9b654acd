import { expect, it } from "vitest";
import { textPieces } from "../../../src/words/links.ts";

const links = (text: string) => textPieces(text).flatMap(({ address }) => (address === undefined ? [] : [address]));

it("web addresses are links, without the sentence around them", () => {
  expect(textPieces("See https://a.example/x?y=1#z, please.")).toEqual([
    { text: "See " },
    { text: "https://a.example/x?y=1#z", address: "https://a.example/x?y=1#z" },
    { text: ", please." },
  ]);
  expect(links("(http://a.example) https://b.example!")).toEqual(["http://a.example", "https://b.example"]);
});

it("R17: nothing else is a link, whatever it looks like", () => {
  for (const text of ["javascript:alert(1)", "[x](command:y)", "data:text/html,x", "vscode://x", "http://", "//a.b"]) {
    expect(links(text), text).toEqual([]);
  }
});

it("the pieces together are the text", () => {
  for (const text of [
    "",
    "a",
    "https://a.example",
    "x https://a.example\n\nhttps://b.example y",
    "https://[bad https://c.d",
  ]) {
    expect(
      textPieces(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  }
});
