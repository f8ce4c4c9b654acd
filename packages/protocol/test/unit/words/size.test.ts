import { expect, it } from "vitest";
import { sizeInWords } from "../../../src/words/size.ts";

it.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1_000, "1 kB"],
  [1_234, "1.2 kB"],
  [999_950, "1 MB"],
  [8_000_000, "8 MB"],
  [100_000_000, "100 MB"],
  [104_857_600, "104.9 MB"],
  [1_500_000_000, "1.5 GB"],
  [5e15, "5000 TB"],
])("%d bytes are %s", (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words);
});
