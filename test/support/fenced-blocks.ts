import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

/** The fenced code blocks of a page in `docs/`, in order. */
export async function fencedBlocks(page: string): Promise<{ readonly language: string; readonly text: string }[]> {
  const text = await readFile(resolve(import.meta.dirname, "../../docs", page), "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = "", block = ""]) => ({
    language,
    text: block,
  }));
}
