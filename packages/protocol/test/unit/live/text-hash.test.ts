import { Text } from "@codemirror/state";
import { expect, it } from "vitest";
import { textHash } from "../../../src/live/text-hash.ts";

it("a text's hash is SHA-256 of its UTF-8, as other programs count it", () => {
  // From `printf 'é 😀\n' | sha256sum`.
  const hashes = {
    "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "é 😀\n": "3d9fad50352a6d2c24dfdd2b7e984ca64b323b681eb6b823923f03c9bd564d31",
  };
  for (const [text, hash] of Object.entries(hashes)) {
    expect(textHash(text)).toBe(hash);
    expect(textHash(Text.of(text.split("\n")))).toBe(hash);
  }
});
