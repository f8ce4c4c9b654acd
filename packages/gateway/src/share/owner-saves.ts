import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { OwnerSave, OwnerSaveAnswer } from "@waiide/protocol";
import { splitMark } from "../workspace/bom.ts";
import { isText, versionOf } from "../workspace/content.ts";
import type { Content } from "../workspace/document.ts";
import { fileErrorOf, unlessMissing } from "../workspace/file-error.ts";
import type { GuestWrite } from "../workspace/guest.ts";
import { diffLines } from "../workspace/line-diff.ts";
import { mergeTexts } from "../workspace/merge.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Files, and changes of one file, that are remembered. */
const mostFiles = 1_000;
const mostSteps = 200;

/** A change of a file, from one version to the next. */
interface Step {
  readonly before: string | null;
  readonly after: string;
  /** Undefined: we wrote it for the owner. */
  readonly writer: Writer | undefined;
}

interface Trail {
  readonly root: string;
  /** Relative to the root. */
  readonly path: string;
  readonly steps: Step[];
}

/** Who wrote in a share. */
export interface Writer {
  readonly root: string;
  readonly share: string;
  readonly session: string;
  readonly name: string;
}

export interface OwnerSavesOptions {
  readonly open: (root: string) => Promise<Pick<Workspace, "saveAsOwner">>;
  /** Owner and guest changed the same lines: tells the guest. @param path relative to the share's root */
  readonly onOverlap: (writer: Writer, path: string) => void;
}

/** Thrown out of a save that is not to take place. */
class NoSave extends Error {
  readonly answer: OwnerSaveAnswer;

  constructor(answer: OwnerSaveAnswer) {
    super(answer.kind);
    this.answer = answer;
  }
}

const untouched: OwnerSaveAnswer = { kind: "untouched" };

/**
 * The owner's saves of files that guests changed while they had them open: merged three ways as a guest's save is (RULES R13).
 * Whatever is not certain is left to VS Code, which compares times and sizes and asks.
 */
export class OwnerSaves {
  readonly #options: OwnerSavesOptions;
  /** By absolute path after links; the least recently written first. */
  readonly #trails = new Map<string, Trail>();

  constructor(options: OwnerSavesOptions) {
    this.#options = options;
  }

  /** A guest has written a file. */
  async note(writer: Writer, { path, before, after }: Pick<GuestWrite, "path" | "before" | "after">): Promise<void> {
    if (typeof after !== "string") return;
    const { root } = writer;
    const file = await unlessMissing(realpath(join(root, path)));
    if (file !== undefined) this.#add(file, { root, path }, { before: before ?? null, after, writer });
  }

  async isWritten(path: string): Promise<boolean> {
    return (await this.#find(path)) !== undefined;
  }

  /** @throws GatewayError and the like where the file cannot be written; the editor then saves as usual */
  async save({ path, base, text }: OwnerSave): Promise<OwnerSaveAnswer> {
    const found = await this.#find(path);
    if (found === undefined) return untouched;
    const { file, trail } = found;
    let merging: Merging | undefined;
    try {
      const workspace = await this.#options.open(trail.root);
      const saved = await workspace.saveAsOwner(trail.path, (current) => {
        const next = mergeInto(current, trail.steps, base, text);
        merging = next;
        return Buffer.from(next.content);
      });
      if (merging === undefined) return untouched;
      this.#add(file, trail, { before: saved.before, after: saved.version, writer: undefined });
      return (merging as Merging).answer;
    } catch (error) {
      if (!(error instanceof NoSave)) {
        // Read-only, a second name, gone: VS Code says so itself when it saves.
        if (fileErrorOf(error).code === "FAILED") throw error;
        return untouched;
      }
      if (error.answer.kind === "overlap") this.#tellOverlap(trail, error.answer.by);
      return error.answer;
    }
  }

  #tellOverlap({ path, steps }: Trail, by: readonly string[]): void {
    const writers = steps.flatMap(({ writer }) => (writer !== undefined && by.includes(writer.name) ? [writer] : []));
    for (const writer of new Map(writers.map((one) => [one.session, one])).values())
      this.#options.onOverlap(writer, path);
  }

  async #find(path: string): Promise<{ file: string; trail: Trail } | undefined> {
    if (this.#trails.size === 0) return undefined;
    const file = await unlessMissing(realpath(path));
    const trail = file === undefined ? undefined : this.#trails.get(file);
    return file === undefined || trail === undefined ? undefined : { file, trail };
  }

  #add(file: string, { root, path }: Pick<Trail, "root" | "path">, step: Step): void {
    const trail = this.#trails.get(file) ?? { root, path, steps: [] };
    trail.steps.push(step);
    if (trail.steps.length > mostSteps) trail.steps.shift();
    this.#trails.delete(file);
    this.#trails.set(file, trail);
    for (const oldest of this.#trails.keys()) {
      if (this.#trails.size <= mostFiles) return;
      this.#trails.delete(oldest);
    }
  }
}

interface Merging {
  readonly content: string;
  readonly answer: OwnerSaveAnswer;
}

/** @throws NoSave where nothing is to be written */
function mergeInto(current: Content, steps: readonly Step[], base: string | null, mine: string): Merging {
  const last = steps.at(-1);
  // Somebody else changed it since, a program for example: that is VS Code's to ask about.
  if (last === undefined || current.bytes === undefined || last.after !== current.version) throw new NoSave(untouched);
  if (!isText(current.bytes)) throw new NoSave(untouched);
  const { mark, text: theirs } = splitMark(String(current.bytes));
  if (theirs === mine) throw new NoSave(untouched);
  const since = stepsSince(steps, base === null ? undefined : versionOf(Buffer.from(mark + base)));
  const by = namesIn(since ?? [last]);
  // The editor's own text follows one that we wrote for it: VS Code does not know of that one and would ask.
  if (since !== undefined && since.length === 0 && last.writer !== undefined) throw new NoSave(untouched);
  const merged = base === null || since === undefined ? undefined : mergeTexts(base, mine, theirs);
  if (merged === undefined) throw new NoSave({ kind: "overlap", by, theirs });
  const answer: OwnerSaveAnswer = { kind: "merged", text: merged, by, ...changedLines(base ?? "", theirs) };
  return { content: mark + merged, answer };
}

/** What happened after a version; undefined: it is none of those that led to the last one. */
function stepsSince(steps: readonly Step[], version: string | undefined): readonly Step[] | undefined {
  if (version === undefined) return undefined;
  if (steps.at(-1)?.after === version) return [];
  let from = steps.length;
  for (let next = steps.length - 1; next >= 0; next -= 1) {
    const step = steps[next];
    // The steps before another's change do not lead here.
    if (step === undefined || (next < steps.length - 1 && step.after !== steps[next + 1]?.before)) return undefined;
    from = next;
    if (step.before === version) return steps.slice(from);
  }
  return undefined;
}

function namesIn(steps: readonly Step[]): string[] {
  return [...new Set(steps.flatMap(({ writer }) => writer?.name ?? []))];
}

function changedLines(base: string, theirs: string): { line: number; end_line: number } {
  const hunks = diffLines(base.split("\n"), theirs.split("\n")) ?? [];
  const [first, last] = [hunks[0], hunks.at(-1)];
  if (first === undefined || last === undefined) return { line: 0, end_line: 0 };
  return { line: first.newStart + 1, end_line: Math.max(first.newStart + 1, last.newEnd) };
}
