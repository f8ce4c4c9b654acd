import type { BigIntStats } from "node:fs";
import {
  type AccessTarget,
  type Actor,
  computeAccess,
  isBelow,
  type Operation,
  parseGuestPath,
  type Refusal,
} from "@waiide/protocol";
import { FileError, notFound } from "../file-error.ts";
import type { FileRules } from "./rules.ts";

/** Paths that are remembered. */
const maxListed = 16;

const refusals: Readonly<Record<Refusal, string>> = {
  ended: "This share has ended.",
  level: "This share does not permit changes.",
  scope: "This is not possible in this share.",
  hidden: "",
  protected: "The owner protects this from changes by guests",
  target: "",
};

/** What the lists say about the paths that were asked about: rights are made anew for each question, the lists seldom change. */
export class ListedPaths {
  readonly #paths = new Map<string, AccessTarget>();
  /** As of which state of the lists. */
  #revision: number | undefined;
  #above: FileRules["above"] | undefined;
  #shown = "";

  /** @param look asks the lists */
  find(path: string, rules: FileRules, shown: readonly string[], look: () => AccessTarget): AccessTarget {
    const { above, places } = rules;
    const names = shown.join("/");
    const isSame = this.#revision === places.revision && this.#above === above && this.#shown === names;
    if (!isSame || this.#paths.size > maxListed) this.#paths.clear();
    [this.#revision, this.#above, this.#shown] = [places.revision, above, names];
    const known = this.#paths.get(path) ?? look();
    this.#paths.set(path, known);
    return known;
  }
}

/** One guest's current rights. `computeAccess` decides, given what the lists say; nothing else in this folder does. */
export class Rights {
  readonly actor: Actor;
  readonly #rules: FileRules;
  readonly #outside: readonly string[];
  /** Several questions concern each path. */
  readonly #listed: ListedPaths;

  /** @param outside paths relative to the root that are in no scope at all, whoever asks */
  constructor(actor: Actor, rules: FileRules, outside: readonly string[], listed = new ListedPaths()) {
    this.actor = actor;
    this.#rules = rules;
    this.#outside = outside;
    this.#listed = listed;
  }

  /** Whether an operation on a path is permitted. */
  may(operation: Operation, path: string): boolean {
    return this.refusal(operation, path) === undefined;
  }

  /** Why an operation on a path is not permitted; undefined: it is. */
  refusal(operation: Operation, path: string): Refusal | undefined {
    return this.isOutside(path) ? "hidden" : this.#ask(operation, path);
  }

  /** Whether there is anything at this path for the guest. */
  sees(path: string): boolean {
    return this.may("read", path);
  }

  /**
   * Whether a path may be walked through: what the guest sees, and the folders above the scope, whose names the scope
   * contains anyway. Nothing else is touched, so that links reveal nothing about other places.
   */
  passes(path: string): boolean {
    const isAbove = isBelow(this.scope, path) && !this.isOutside(path) && !this.#rules.isHidden(path, this.#shown);
    return isAbove || this.sees(path);
  }

  /**
   * @throws FileError NOT_FOUND, or DENIED where the guest sees the path and only may not do this
   */
  require(operation: Operation, path: string): void {
    if (this.isOutside(path)) throw notFound();
    const why = this.#ask(operation, path);
    if (why === undefined) return;
    if (why !== "ended" && !this.sees(path)) throw notFound();
    throw why === "protected" ? protectedError(this.#rules.whyProtected(path)) : new FileError("DENIED", refusals[why]);
  }

  /** Why a path is protected, as the end of a sentence. */
  whyProtected(path: string): string | undefined {
    return this.#rules.whyProtected(path);
  }

  /** Whether a file can be run: its bits must stay with its content (RULES R11). */
  isProgram(stats: BigIntStats): boolean {
    return stats.isFile() && (stats.mode & 0o111n) !== 0n && !this.#rules.withoutModes.has(stats.dev);
  }

  /** @throws FileError DENIED for programs, which guests neither write, rename nor replace */
  requireNoProgram({ stats }: { readonly stats: BigIntStats }): void {
    if (this.actor.kind !== "owner" && this.isProgram(stats)) throw protectedError(programWhy);
  }

  /** Gateway data and the like; case-folded, for file systems that fold. */
  isOutside(path: string): boolean {
    if (this.#outside.length === 0) return false;
    const folded = path.toLowerCase();
    return this.#outside.some((place) => isBelow(folded, place.toLowerCase()));
  }

  /** The path of the scope; the root's is empty. */
  get scope(): string {
    return this.actor.kind === "guest" && "path" in this.actor.scope ? this.actor.scope.path : "";
  }

  /** Whether the scope is a selection, which is reached by no other way. */
  get isSelection(): boolean {
    return this.actor.kind === "guest" && this.actor.scope.kind === "selection";
  }

  /** Whether the owner ticked any name at the top of a home folder. */
  get showsDotNames(): boolean {
    return this.#shown.length > 0;
  }

  /** Names at the top of home folders that the owner ticked for this share. */
  get #shown(): readonly string[] {
    return this.actor.kind === "owner" ? [] : (this.actor.scope.show ?? []);
  }

  #ask(operation: Operation, path: string): Refusal | undefined {
    const answer = computeAccess({ actor: this.actor, operation, target: this.#target(path) });
    return answer.allowed ? undefined : answer.why;
  }

  #target(path: string): AccessTarget {
    const shown = this.#shown;
    return this.#listed.find(path, this.#rules, shown, () => ({
      path,
      hidden: this.#rules.isHidden(path, shown),
      protected: this.#rules.isProtected(path),
    }));
  }
}

/** Why, for files that can be run. */
export const programWhy = "it is a program (executable)";

function protectedError(why: string | undefined): FileError {
  return new FileError("DENIED", `${refusals.protected}${why === undefined ? "" : `: ${why}`}.`);
}

/**
 * The segments of a path that a guest sent.
 * @throws FileError NOT_FOUND if it has not the form of a path
 */
export function segmentsOf(path: string): string[] {
  const segments = parseGuestPath(path);
  if (segments === undefined) throw notFound();
  return segments;
}

export function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
