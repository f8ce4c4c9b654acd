import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { OwnerSave, OwnerSaveAnswer } from "@waiide/protocol";
import { LRUCache } from "lru-cache";
import { SerialQueue } from "../base/serial-queue.ts";
import { unlessMissing } from "../system/missing-file.ts";
import { splitMark } from "../workspace/documents/bom.ts";
import type { Content } from "../workspace/documents/content.ts";
import { isText, versionOf } from "../workspace/documents/content.ts";
import { fileErrorOf } from "../workspace/file-error.ts";
import type { GuestWrite } from "../workspace/guest.ts";
import type { OwnerSaveMeans, Workspace } from "../workspace/workspace.ts";
import type { GuestVersions, KeptUnder } from "./audit/guest-versions.ts";
import type { GuestWriter, ShareEvents } from "./share-events.ts";

/** Files, and changes of one file, that are remembered. */
const maxFiles = 1_000;
const maxSteps = 200;
/** VS Code saves without our answer after 1.75 s: a save that takes longer than this keeps the guests' version too. Milliseconds. */
const editorPatience = 1_000;

/** A change of a file, from one version to the next. */
interface Step {
  readonly before: string | null;
  readonly after: string;
  /** None: we wrote it for the owner. */
  readonly writers: readonly FileWriter[];
}

interface Trail {
  readonly root: string;
  /** Relative to the root. */
  readonly path: string;
  readonly steps: Step[];
}

/** A guest's session, and the file as their share names it. */
export interface FileWriter extends GuestWriter {
  /** Relative to the root of their share. */
  readonly path: string;
}

export interface OwnerSavesOptions {
  readonly open: (root: string) => Promise<Pick<Workspace, "saveAsOwner">>;
  readonly versions: Pick<GuestVersions, "keep">;
  readonly events: Pick<ShareEvents, "emit">;
  /** Whether a window of an IDE has a file live, and merges nothing (RULES R24). Absolute path after links. */
  readonly isSavedByWindow: (file: string) => boolean;
}

/** Thrown to cancel a save. */
class NoSave extends Error {
  readonly answer: OwnerSaveAnswer;

  constructor(answer: OwnerSaveAnswer) {
    super(answer.kind);
    this.answer = answer;
  }
}

const untouched: OwnerSaveAnswer = { kind: "untouched" };

/** What guests wrote and the owner's editor has not read. */
interface Theirs {
  readonly bytes: Buffer;
  readonly version: string;
  /** Each once, in their order. */
  readonly writers: readonly FileWriter[];
}

type Outcome =
  | { readonly kind: "untouched" }
  | { readonly kind: "overlap"; readonly theirs: Theirs }
  | { readonly kind: "merged"; readonly theirs: Theirs; readonly content: string; readonly answer: OwnerSaveAnswer };

/**
 * The owner's saves of files that guests changed meanwhile: a three-way merge, as for a guest's save (RULES R13). Where the
 * outcome is not certain, VS Code compares times and sizes and asks. It misses a change of the same size, so that what guests
 * wrote is on the disk before the editor is notified of an overlap.
 */
export class OwnerSaves {
  readonly #options: OwnerSavesOptions;
  /** By absolute path after links; of the files that guests wrote last. */
  readonly #trails = new LRUCache<string, Trail>({ max: maxFiles });
  /** Guests' writes so far are in the trails. */
  readonly #noting = new SerialQueue();

  constructor(options: OwnerSavesOptions) {
    this.#options = options;
  }

  /** Notes a guest's write, one after the other: the steps of a trail are in their order. */
  note(writer: GuestWriter, write: Pick<GuestWrite, "path" | "before" | "after">): Promise<void> {
    return this.#noting.run(() => this.#note(writer, write));
  }

  async #note(
    writer: GuestWriter,
    { path, before, after }: Pick<GuestWrite, "path" | "before" | "after">,
  ): Promise<void> {
    if (typeof after !== "string") return;
    const { root } = writer;
    const file = await unlessMissing(realpath(join(root, path)));
    if (file === undefined) return;
    this.#add(file, { root, path }, { before: before ?? null, after, writers: [{ ...writer, path }] });
  }

  /** Notes what several guests wrote together. @param file absolute path after links */
  noteTogether(
    file: string,
    writers: readonly FileWriter[],
    { before, after }: Pick<Step, "before" | "after">,
  ): Promise<void> {
    return this.#noting.run(async () => {
      const last = writers.at(-1);
      if (last !== undefined) this.#add(file, last, { before, after, writers });
    });
  }

  async isWritten(path: string): Promise<boolean> {
    return (await this.#find(path)) !== undefined;
  }

  /** @throws GatewayError and the like where the file cannot be written; the editor then saves as usual */
  async save(save: OwnerSave): Promise<OwnerSaveAnswer> {
    const began = performance.now();
    const found = await this.#find(save.path);
    if (found === undefined) return untouched;
    const { file, trail } = found;
    let answer = untouched;
    try {
      const workspace = await this.#options.open(trail.root);
      const saved = await workspace.saveAsOwner(trail.path, async (current, means) => {
        await this.#noting.settled();
        const outcome = await outcomeOf(save, current, trail.steps, means);
        if (outcome.kind === "untouched") throw new NoSave(untouched);
        if (outcome.kind === "overlap") throw new NoSave(await this.#overlap(outcome.theirs));
        if (performance.now() - began > editorPatience) await this.#keep(outcome.theirs);
        answer = outcome.answer;
        return Buffer.from(outcome.content);
      });
      this.#add(file, trail, { before: saved.before, after: saved.version, writers: [] });
      return answer;
    } catch (error) {
      if (error instanceof NoSave) return error.answer;
      // Read-only, a second name, gone: VS Code reports these itself when it saves.
      if (fileErrorOf(error).code === "FAILED") throw error;
      return untouched;
    }
  }

  async #overlap(theirs: Theirs): Promise<OwnerSaveAnswer> {
    const kept = await this.#keep(theirs);
    for (const writer of new Map(theirs.writers.map((one) => [one.session, one])).values()) {
      const isKept = kept.some(({ share, path }) => share === writer.share && path === writer.path);
      this.#options.events.emit("overlap", writer, writer.path, isKept ? theirs.version : null);
    }
    const last = kept.at(-1);
    return {
      kind: "overlap",
      by: namesOf(theirs),
      theirs: splitMark(String(theirs.bytes)).text,
      kept: last === undefined ? null : { ...last, version: theirs.version },
    };
  }

  /** Keeps it in each share it was written in, for the guests who wrote it there. @returns where; the last writer's last */
  async #keep(theirs: Theirs): Promise<KeptUnder[]> {
    const { bytes, version, writers } = theirs;
    const who = namesOf(theirs).join(", ");
    const places = new Map(writers.toReversed().map(({ share, path }) => [`${share}/${path}`, { share, path }]));
    const kept: KeptUnder[] = [];
    for (const place of [...places.values()].reverse()) {
      const there = writers.filter(({ share, path }) => share === place.share && path === place.path);
      const guests = [...new Set(there.map(({ guest }) => guest))];
      if (await this.#options.versions.keep(place, version, bytes, { who, guests })) kept.push(place);
    }
    return kept;
  }

  async #find(path: string): Promise<{ file: string; trail: Trail } | undefined> {
    await this.#noting.settled();
    if (this.#trails.size === 0) return undefined;
    const file = await unlessMissing(realpath(path));
    if (file === undefined || this.#options.isSavedByWindow(file)) return undefined;
    const trail = this.#trails.peek(file);
    return trail === undefined ? undefined : { file, trail };
  }

  #add(file: string, { root, path }: Pick<Trail, "root" | "path">, step: Step): void {
    const trail = this.#trails.peek(file) ?? { root, path, steps: [] };
    trail.steps.push(step);
    if (trail.steps.length > maxSteps) trail.steps.shift();
    this.#trails.set(file, trail);
  }
}

/** Decides what becomes of the owner's save. */
async function outcomeOf(
  { base, text: mine }: OwnerSave,
  current: Content,
  steps: readonly Step[],
  { merge, held }: OwnerSaveMeans,
): Promise<Outcome> {
  const last = steps.at(-1);
  if (last === undefined || current.bytes === undefined || !isText(current.bytes)) return { kind: "untouched" };
  const { mark, text } = splitMark(String(current.bytes));
  const since = stepsSince(steps, base === null ? undefined : versionOf(Buffer.from(mark + base)));
  const writers = (since ?? [last]).flatMap((step) => step.writers);
  if (last.after !== current.version) {
    // VS Code did not wait for us and has written the owner's text over a guest's.
    const lost = text === mine && writers.length > 0 && since !== undefined ? held(last.after) : undefined;
    if (lost !== undefined) return { kind: "overlap", theirs: { bytes: lost, version: last.after, writers } };
    // Something else changed it since, a program for example: VS Code asks about that.
    return { kind: "untouched" };
  }
  if (text === mine) return { kind: "untouched" };
  // The editor's text follows one that we wrote for it, which VS Code has not read: it would ask.
  if (since !== undefined && since.length === 0 && last.writers.length > 0) return { kind: "untouched" };
  const theirs: Theirs = { bytes: current.bytes, version: current.version, writers };
  const merged = base === null || since === undefined ? undefined : await merge(base, mine, text);
  if (base === null || merged === undefined) return { kind: "overlap", theirs };
  const lines = changedLines(base, text);
  const answer: OwnerSaveAnswer = { kind: "merged", text: merged, by: namesOf(theirs), ...lines };
  return { kind: "merged", theirs, content: mark + merged, answer };
}

/** The steps after a version; undefined: it is none of those that led to the last one. */
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

function namesOf({ writers }: Theirs): string[] {
  return [...new Set(writers.map(({ name }) => name))];
}

/** From the first changed line to the last, without a diff: texts may be large. */
function changedLines(base: string, theirs: string): { line: number; end_line: number } {
  const [before, after] = [base.split("\n"), theirs.split("\n")];
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && before[first] === after[first]) first += 1;
  let last = 0;
  while (last < shorter - first && before.at(-1 - last) === after.at(-1 - last)) last += 1;
  if (first === before.length && first === after.length) return { line: 0, end_line: 0 };
  return { line: first + 1, end_line: Math.max(first + 1, after.length - last) };
}
