import {
  type Actor,
  commentMethods,
  computeAccess,
  type Method,
  type Operation,
  type Params,
  parseGuestPath,
  type Result,
} from "@waiide/protocol";
import { isText } from "../../workspace/documents/content.ts";
import { FileError, notFound } from "../../workspace/file-error.ts";
import type { AppPage } from "../apps/app-page.ts";
import type { SessionFiles } from "../apps/session-files.ts";
import type { GuestVersions } from "../audit/guest-versions.ts";
import type { CommentAnswers, CommentMethod } from "../comments/session-comments.ts";
import type { Commits } from "../commits/commits.ts";
import { guestOf } from "../records/one-guest.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import type { Talk } from "../talk/talk.ts";

/** Requests of a session that are answered when what they ask for is done, besides those about files. */
export const answeredMethods = [
  ...(Object.keys(commentMethods) as CommentMethod[]),
  "version",
  "say",
  "talk",
  "commit-info",
  "commit-changes",
  "commit-base",
  "commit-log",
  "commit-blame",
  "start-app",
  "keep-app",
  "enter-app",
] as const satisfies readonly Method[];
export type AnsweredMethod = (typeof answeredMethods)[number];

export type SessionAnswers = {
  readonly [M in AnsweredMethod]: (params: Params<M>, signal: AbortSignal) => Promise<Result<M>>;
};

export interface SessionAnswersParts {
  readonly versions: Pick<GuestVersions, "findOwn">;
  readonly talk: Talk;
  readonly commits: Commits;
  /** Bytes of an answer with a file's content. */
  readonly read: number;
}

export interface SessionVisit {
  readonly session: StoredSession;
  readonly share: StoredShare;
  readonly files: SessionFiles;
  /** Of “Use the App”. */
  readonly app: AppPage | undefined;
  /** Asked anew for each request. */
  readonly actor: () => Actor;
  readonly comments: CommentAnswers;
  /** What the lists hide of the share's files. */
  readonly isHidden: (path: string) => boolean;
}

export function isAnswered(method: string): method is AnsweredMethod {
  return answeredMethods.some((one) => one === method);
}

/** Answers one page's requests. */
export function sessionAnswers(parts: SessionAnswersParts, visit: SessionVisit): SessionAnswers {
  const { talk, commits } = parts;
  const { share, comments } = visit;
  return {
    ...comments,
    version: (params, signal) => ownVersion(parts, visit, params, signal),
    ...talkAnswers(talk, visit),
    "commit-info": () => ofCommit(visit, "list", "", () => commits.info(share)),
    "commit-changes": ({ from }) => ofCommit(visit, "list", "", () => commits.changes(share, from)),
    "commit-base": ({ path }) => ofCommit(visit, "read", path, () => contentBefore(parts, visit, path)),
    "commit-log": ({ path, from }) =>
      ofCommit(visit, "read", path ?? "", () => found(commits.log(share.id, { path, from }))),
    "commit-blame": ({ path }) => ofCommit(visit, "read", path, () => found(commits.blame(share.id, path))),
    "start-app": () => inApp(visit, (app) => app.start()).then(() => ({})),
    "keep-app": ({ address }) => inApp(visit, (app) => app.keep(address)).then(() => ({})),
    "enter-app": async () => ({ ticket: await inApp(visit, (app) => app.ticket()) }),
  };
}

/** The conversation, for pages and for windows of IDEs. */
export function talkAnswers(talk: Talk, visit: Pick<SessionVisit, "session" | "actor" | "isHidden">) {
  const { session } = visit;
  return {
    say: (message: Params<"say">) => permitted(visit, "talk", undefined, () => talk.say(session, message)),
    talk: ({ before }: Params<"talk">) => permitted(visit, "talk", undefined, () => talk.read(session.share, before)),
  };
}

/** A share without its history has none of this, nor has a file that is not there. */
async function found<Value>(work: Promise<Value | undefined>): Promise<Value> {
  const value = await work;
  if (value === undefined) throw notFound();
  return value;
}

async function inApp<Value>(visit: SessionVisit, work: (app: AppPage) => Value | Promise<Value>): Promise<Value> {
  const { app } = visit;
  if (app === undefined) throw new FileError("DENIED", "this share has no app");
  return permitted(visit, "app", undefined, async () => work(app));
}

/** A share of files has no commit. */
async function ofCommit<Value>(
  visit: SessionVisit,
  operation: Operation,
  path: string,
  work: () => Promise<Value>,
): Promise<Value> {
  if (visit.share.shownCommit === null || parseGuestPath(path) === undefined) throw notFound();
  return permitted(visit, operation, path, work);
}

/** Only `computeAccess` decides. @param path of what it is about, if it is about a file or folder */
async function permitted<Value>(
  { actor, isHidden }: Pick<SessionVisit, "actor" | "isHidden">,
  operation: Operation,
  path: string | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  const target = path === undefined ? {} : { target: { path, hidden: isHidden(path), protected: false } };
  const answer = computeAccess({ actor: actor(), operation, ...target });
  if (answer.allowed) return work();
  throw answer.why === "hidden" || answer.why === "scope" ? notFound() : new FileError("DENIED", "not permitted");
}

async function contentBefore(
  { commits, read }: SessionAnswersParts,
  { share }: SessionVisit,
  path: string,
): Promise<Result<"commit-base">> {
  const bytes = await commits.before(share, path, read);
  if (bytes === undefined) throw notFound();
  const encoding = isText(bytes) ? "utf8" : "base64";
  return { encoding, content: bytes.toString(encoding) };
}

/**
 * What a guest wrote where the owner changed the same lines: for this guest alone, while they may read the file, and not for a
 * selection, since the whole file is kept.
 */
async function ownVersion(
  { versions, read }: SessionAnswersParts,
  { session, share, files, actor }: SessionVisit,
  { path, version }: Params<"version">,
  signal: AbortSignal,
): Promise<Result<"version">> {
  await files.handle("read", { path }, signal);
  const who = actor();
  if (who.kind !== "guest" || who.scope.kind === "selection") throw notFound();
  const own = await versions.findOwn({ share: share.id, path }, guestOf(session), version, read);
  if (own === undefined) throw notFound();
  const { bytes, ...about } = own;
  const encoding = isText(bytes) ? "utf8" : "base64";
  return { ...about, encoding, content: bytes.toString(encoding) };
}
