import { relative, sep } from "node:path";
import type { CreateShare, Level, Recipient } from "@waiide/protocol";
import type { AppTarget } from "./app-target.ts";

/** What the owner wants to share. Lines count from 1, columns from 0 (DESIGN §3.3). */
export type Target =
  | { readonly kind: "workspace" }
  | { readonly kind: "file" | "folder"; readonly path: string }
  /** `follow`: guests see new commits of the branch as they come; `get`, `propose`: what they may take, and send back. */
  | {
      readonly kind: "commit";
      readonly ref: string;
      readonly follow: boolean;
      readonly get: "none" | "snapshot";
      readonly propose: boolean;
    }
  | {
      readonly kind: "selection";
      readonly path: string;
      readonly line: number;
      readonly col: number;
      readonly endLine: number;
      /** Absent: to the end of the line. */
      readonly endCol?: number;
    };

/** The answers so far, while a share is created step by step. */
export interface Draft {
  /** Absolute path of the window's folder. */
  readonly root?: string;
  readonly target?: Target;
  /** The app, in place of files; null: a program on a port that is not known yet. */
  readonly app?: AppTarget | null;
  /** The file of a workspace or folder that guests see first, relative to the root. */
  readonly opens?: string;
  /** Names with a dot at the top of a home folder that guests may see; undefined: not asked yet. */
  readonly show?: readonly string[];
  readonly level?: Level;
  /** null: anyone with the link. */
  readonly recipient?: Recipient | null;
  /** Guests wait until the owner accepts them. */
  readonly approve?: boolean;
  /** Others may make their own copy. */
  readonly copy?: boolean;
  /** Seconds; null: never. */
  readonly life?: number | null;
  readonly note?: string;
}

/** The draft after a step; `back`: to the previous step; undefined: the user gave up. */
export type StepResult = Draft | "back" | undefined;

/** The position among the questions. */
export interface Position {
  readonly step: number;
  readonly of: number;
}

/** One question. If `asks` is false, there is only one answer, and the question is skipped in both directions. */
export interface Step {
  asks(draft: Draft): boolean;
  ask(draft: Draft, position: Position): Promise<StepResult>;
}

/** Asks one step after the other; Back returns to the last one asked. @returns undefined if the user gave up */
export async function walk(steps: readonly Step[], start: Draft): Promise<Draft | undefined> {
  const asked: { readonly index: number; readonly before: Draft }[] = [];
  let draft = start;
  for (let index = 0; index < steps.length; ) {
    const coming = steps.slice(index).filter((step) => step.asks(draft));
    const step = coming[0];
    if (step === undefined) break;
    index = steps.indexOf(step);
    const result = await step.ask(draft, { step: asked.length + 1, of: asked.length + coming.length });
    if (result === undefined) return undefined;
    if (result === "back") {
      const last = asked.pop();
      if (last === undefined) return undefined;
      index = last.index;
      draft = last.before;
    } else {
      asked.push({ index, before: draft });
      draft = result;
      index += 1;
    }
  }
  return draft;
}

/**
 * Guests begin with the file that the owner has open, if it is shared. Not at Terminal Access, where the file that a link
 * opens replaces what the guest had open before.
 * @param file absolute path
 */
export function withOpenFile(draft: Draft, file: string | undefined): Draft {
  const { root, target, level } = draft;
  if (root === undefined || file === undefined || level === "terminal") return draft;
  if (target?.kind !== "workspace" && target?.kind !== "folder") return draft;
  const path = relative(root, file).split(sep).join("/");
  const isInside = path !== "" && path !== ".." && !path.startsWith("../");
  const isShared = target.kind === "workspace" || path.startsWith(`${target.path}/`);
  return isInside && isShared ? { ...draft, opens: path } : draft;
}

/** @throws Error if an answer is missing */
export function requestFrom(draft: Draft): CreateShare {
  const { level, recipient, approve, life, note } = draft;
  if (level === undefined) throw new Error("The draft is not complete.");
  return {
    permission: level,
    ...(draft.app ? { app: appOf(draft.app) } : filesOf(draft)),
    ...(recipient ? { with: recipient } : {}),
    ...(approve ? { approve } : {}),
    ...(life === undefined ? {} : { expires_in: life }),
    ...(note ? { note } : {}),
    // The question about the level has asked for it.
    ...(level === "terminal" ? { confirm: true } : {}),
  };
}

function appOf(app: AppTarget): NonNullable<CreateShare["app"]> {
  return "port" in app ? { port: app.port } : { name: app.name };
}

/** Folders can be copied, single files cannot. */
export function mayBeCopied(target: Target | undefined): boolean {
  return target?.kind === "workspace" || target?.kind === "folder" || target?.kind === "commit";
}

function filesOf({ root, target, opens, show, copy }: Draft): Partial<CreateShare> {
  if (target === undefined) throw new Error("The draft is not complete.");
  return {
    ...(root === undefined ? {} : { root }),
    ...placeOf(target),
    ...(opens === undefined ? {} : { opens }),
    ...(copy && mayBeCopied(target) ? { copy: { files: true, settings: [], extensions: true } } : {}),
    ...(show === undefined || show.length === 0 ? {} : { show: [...show] }),
  };
}

function placeOf(target: Target): Partial<CreateShare> {
  if (target.kind === "workspace") return {};
  if (target.kind === "commit") {
    const { kind: _, ...commit } = target;
    return { commit };
  }
  if (target.kind !== "selection") return { file: target.path };
  const { path, line, col, endLine, endCol } = target;
  return { file: path, line, col, end_line: endLine, ...(endCol === undefined ? {} : { end_col: endCol }) };
}
