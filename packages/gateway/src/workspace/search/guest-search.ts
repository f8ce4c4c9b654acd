import { isBelow, type Params, type Result } from "@waiide/protocol";
import { FairQueue } from "../../base/fair-queue.ts";
import { tooLarge } from "../documents/content.ts";
import { cancelled, FileError } from "../file-error.ts";
import type { Guest } from "../guest.ts";
import type { WorkspaceParts } from "../parts.ts";
import { joined } from "../rules/rights.ts";
import type { SelectionAccess } from "../selection/selection-access.ts";
import { FileNames } from "../tree/file-names.ts";
import type { Found } from "../tree/tree.ts";
import { folderArguments, literalGlob, patternArguments } from "./arguments.ts";
import { FolderHits, Hits } from "./hits.ts";
import { parseMessage } from "./matches.ts";
import { type RipgrepRun, runRipgrep } from "./ripgrep.ts";

/** Paths that one `find` answers. */
const maxPaths = 1_000;

/** What all runs for one request have in common. */
type Run = Pick<RipgrepRun, "program" | "time" | "signal">;

/** A guest's searches: ripgrep finds places; each hit is read with the guest's rights, like any other file. */
export class GuestSearch {
  readonly #parts: WorkspaceParts;
  readonly #guest: Guest;
  readonly #selection: SelectionAccess | undefined;

  constructor(parts: WorkspaceParts, guest: Guest, selection: SelectionAccess | undefined) {
    this.#parts = parts;
    this.#guest = guest;
    this.#selection = selection;
  }

  /** @throws FileError INVALID for patterns that ripgrep does not take; CANCELLED; FAILED where there is no ripgrep */
  search(params: Params<"search">, signal: AbortSignal): Promise<Result<"search">> {
    return this.#counted(signal, async (run) => {
      const path = params.folder ?? this.#guest.rights().scope;
      await using found = await this.#parts.tree.find(path, this.#guest.rights(), "search");
      const search = found.kind === "folder" ? this.#searchFolder : this.#searchFile;
      const result = await search.call(this, found, path, params, run);
      // It took a while: the share may have ended, or its level or scope may have been changed.
      this.#guest.rights().require("search", path);
      return result;
    });
  }

  /** @throws FileError CANCELLED; FAILED where there is no ripgrep */
  find({ pattern, most: max = 200 }: Params<"find">, signal: AbortSignal): Promise<Result<"find">> {
    return this.#counted(signal, async (run) => {
      const path = this.#guest.rights().scope;
      await using found = await this.#parts.tree.find(path, this.#guest.rights(), "search");
      const names = new FileNames(pattern);
      if (found.kind === "file") {
        names.add(path);
        return { paths: names.ranked(), incomplete: false };
      }
      const hidden = this.#hiddenBelow(found.path);
      const args = ["--files", "--null", ...folderArguments(this.#parts.rules.hidden, [], [], hidden), "--", "."];
      const isWhole = await runRipgrep({
        ...run,
        args,
        folder: found.place,
        separator: "\0",
        onLine: (line) => {
          const file = joined(path, line.replace(/^\.\//, ""));
          if (this.#guest.rights().may("search", file)) names.add(file);
          return !names.isFull;
        },
      });
      const paths = await this.#seen(names.ranked(), Math.min(Math.max(max, 1), maxPaths));
      return { paths, incomplete: !isWhole };
    });
  }

  async #searchFolder(found: Found, path: string, params: Params<"search">, run: Run): Promise<Result<"search">> {
    const hits = new Hits();
    const folderHits = new FolderHits(this.#parts.tree, this.#guest, path, hits);
    const hidden = this.#hiddenBelow(found.path);
    const globs = folderArguments(this.#parts.rules.hidden, params.include, params.exclude, hidden);
    const isWhole = await runRipgrep({
      ...run,
      args: [`--max-filesize=${this.#parts.limits.file}`, ...globs, ...patternArguments(params), "--", "."],
      folder: found.place,
      separator: "\n",
      onLine: (message) => {
        const line = parseMessage(message);
        return line === undefined || folderHits.add(line);
      },
    });
    await folderHits.settle();
    return hits.result(isWhole);
  }

  /** A file is given to ripgrep open, a selection as the text that the guest sees; neither by its path. */
  async #searchFile(found: Found, path: string, params: Params<"search">, run: Run): Promise<Result<"search">> {
    const hits = new Hits();
    const rest = {
      ...run,
      args: [...patternArguments(params), "--", "-"],
      folder: "/",
      separator: "\n" as const,
      onLine: (message: string) => {
        const line = parseMessage(message);
        if (line !== undefined) hits.add(path, line);
        return !hits.isFull;
      },
    };
    if (this.#guest.rights().isSelection) {
      const selected = await this.#selection?.selected(path);
      return hits.result(await runRipgrep({ ...rest, input: selected?.text ?? "" }));
    }
    if (found.stats.size > BigInt(this.#parts.limits.file)) throw tooLarge(this.#parts.limits.file);
    await using handle = await found.openToRead();
    return hits.result(await runRipgrep({ ...rest, input: handle.fd }));
  }

  /** Git directories that were seen, and the dot-names of home folders: large, and never in a result. */
  #hiddenBelow(folder: string): string[] {
    const { places } = this.#parts.rules;
    const below = (paths: Iterable<string>) =>
      [...paths]
        .filter((path) => isBelow(path, folder))
        .map((path) => literalGlob(path.slice(folder === "" ? 0 : folder.length + 1)));
    const homes = this.#guest.rights().showsDotNames ? [] : below(places.homes());
    return [
      ...below(places.hidden()).filter((path) => path !== ""),
      ...homes.map((home) => (home === "" ? ".*" : `${home}/.*`)),
    ];
  }

  /** Of what ripgrep named, what the guest sees. */
  async #seen(paths: readonly string[], max: number): Promise<string[]> {
    const seen: string[] = [];
    for (const path of paths) {
      if (seen.length >= max) break;
      await using found = await this.#parts.tree.look(path, this.#guest.rights());
      if (found?.kind === "file") seen.push(path);
    }
    return seen;
  }

  /** In turn: a share has few searches under way, and its guests wait for each other (RULES R14). */
  async #counted<Value>(signal: AbortSignal, search: (run: Run) => Promise<Value>): Promise<Value> {
    const { ripgrep: program, searches, work, limits } = this.#parts;
    if (program === undefined) {
      throw new FileError("FAILED", "Search is not available: ripgrep is missing on the owner's machine.");
    }
    const { share, session } = this.#guest.options;
    const queue = searches.get(share) ?? new FairQueue(limits.searches);
    searches.set(share, queue);
    const run = () => search({ program, time: limits.searchTime, signal });
    try {
      return await queue.run(session, () => work.searches.run(share, run, undefined, { signal }), undefined, {
        signal,
      });
    } catch (error) {
      throw signal.aborted && !(error instanceof FileError) ? cancelled() : error;
    } finally {
      if (queue.isIdle) searches.delete(share);
    }
  }
}
