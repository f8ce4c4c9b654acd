import type { FileHandle } from "node:fs/promises";
import type { Result } from "@waiide/protocol";
import type { Guest } from "../guest.ts";
import { joined } from "../rules/rights.ts";
import type { Tree } from "../tree/tree.ts";
import { type FoundLine, matchesOf } from "./matches.ts";

/** Of one search. Characters are those of the lines shown. */
const maxMatches = 10_000;
const maxCharacters = 4_000_000;

/** Read at once to check lines. Bytes. */
const partSize = 64 * 1024;

/** The result of a search so far. */
export class Hits {
  readonly #files: Result<"search">["files"] = [];
  #matches = 0;
  #characters = 0;

  get isFull(): boolean {
    return this.#matches >= maxMatches || this.#characters >= maxCharacters;
  }

  add(path: string, line: FoundLine): void {
    const matches = matchesOf(line, maxMatches - this.#matches);
    const last = this.#files.at(-1);
    if (last?.path === path) last.matches.push(...matches);
    else this.#files.push({ path, matches });
    this.#matches += matches.length;
    for (const { text } of matches) this.#characters += text.length;
  }

  result(isWhole: boolean): Result<"search"> {
    return { files: this.#files, incomplete: !isWhole || this.isFull };
  }
}

/**
 * Hits that ripgrep reports from a folder. It walks the disk by paths, so each file is found again with the guest's rights,
 * and a line is returned only if the file contains it (RULES R9, R14).
 */
export class FolderHits {
  readonly #tree: Tree;
  readonly #guest: Guest;
  /** The folder as the guest names it. */
  readonly #folder: string;
  readonly #hits: Hits;
  #file = "";
  #lines: FoundLine[] = [];

  constructor(tree: Tree, guest: Guest, folder: string, hits: Hits) {
    this.#tree = tree;
    this.#guest = guest;
    this.#folder = folder;
    this.#hits = hits;
  }

  /** @returns whether there is room for more */
  async add(line: FoundLine): Promise<boolean> {
    if (line.path === undefined) return true;
    if (line.path !== this.#file) {
      await this.settle();
      this.#file = line.path;
    }
    this.#lines.push(line);
    return !this.#hits.isFull && this.#lines.length < maxMatches;
  }

  /** Adds the hits of the last reported file. */
  async settle(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length === 0) return;
    const path = joined(this.#folder, this.#file);
    const rights = this.#guest.rights();
    if (!rights.may("search", path)) return;
    await using found = await this.#tree.look(path, rights);
    if (found?.kind !== "file" || !rights.may("search", found.path)) return;
    await using handle = await found.openToRead();
    const part = new FilePart(handle);
    for (const line of lines) {
      if (this.#hits.isFull) return;
      if ((await part.at(line.offset, line.bytes.length)).equals(line.bytes)) this.#hits.add(path, line);
    }
  }
}

/** A part of a file in memory, which moves forward on demand. */
class FilePart {
  readonly #handle: FileHandle;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Fewer bytes at the end of the file. */
  async at(offset: number, length: number): Promise<Buffer> {
    if (offset < this.#start || offset + length > this.#start + this.#bytes.length) {
      const buffer = Buffer.allocUnsafe(Math.max(length, partSize));
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, offset);
      this.#start = offset;
      this.#bytes = buffer.subarray(0, bytesRead);
    }
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + length);
  }
}
