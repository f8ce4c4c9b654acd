import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";
import { Line } from "./scope.ts";
import { MessageText, RepeatKey, TalkMessageSchema } from "./talk.ts";

/** Comments are messages of a share's conversation with a place in a file: plain text, names and times are the gateway's (RULES R17). */

/** Messages of one thread. */
export const maxThreadLength = 100;

const ThreadId = WholeNumber({ minimum: 1, description: "The thread's." });
const Path = Type.String({ maxLength: 4096, description: "Of a file, relative to the share's root." });
const LastLine = Type.Optional(WholeNumber({ minimum: 1, description: "The last one; default: `line`." }));
const strict = { additionalProperties: false } as const;

export const CommentSchema = Type.Object({
  ...TalkMessageSchema.properties,
  own: Type.Boolean({ description: "Whether the reader wrote this comment, and so may delete it." }),
});
export type Comment = Static<typeof CommentSchema>;

export const ThreadSchema = Type.Object({
  id: WholeNumber({ description: "Growing with time." }),
  path: Type.String(),
  line: WholeNumber({ description: "From 1; for a guest of a selection counted within it." }),
  end_line: WholeNumber({ description: "The last one." }),
  outdated: Type.Boolean({ description: "The lines are gone; `line` is where they were." }),
  gone: Type.Boolean({ description: "The file was deleted, or moved out of sight; `path` was its last name." }),
  resolved: Type.Boolean(),
  comments: Type.Array(CommentSchema, { description: "The oldest first." }),
});
export type Thread = Static<typeof ThreadSchema>;

export const ThreadsSchema = Type.Object({ threads: Type.Array(ThreadSchema) });
export type Threads = Static<typeof ThreadsSchema>;

/** The owner's. */
export const StartThreadSchema = Type.Object({ path: Path, line: Line, end_line: LastLine, text: MessageText }, strict);
export type StartThread = Static<typeof StartThreadSchema>;
export const ResolveThreadSchema = Type.Object({ resolved: Type.Boolean() }, strict);

const Place = Type.String({ minLength: 2, maxLength: 4096, pattern: "^/", description: "Absolute." });

/** What the owner's IDE has renamed or deleted, the oldest first. */
export const MovedFilesSchema = Type.Object(
  {
    moves: Type.Array(
      Type.Object(
        { from: Place, to: Type.Union([Place, Type.Null()], { description: "null: it is deleted." }) },
        strict,
      ),
      { maxItems: 1000, description: "Files and folders; folders stand for what is in them." },
    ),
  },
  strict,
);
export type MovedFiles = Static<typeof MovedFilesSchema>;

/** The requests of guests. */
export const commentMethods = {
  comments: {
    params: Type.Object(
      { path: Type.Optional(Path) },
      { ...strict, description: "The comments on a file's lines; without a path, of all files that the guest sees." },
    ),
    result: ThreadsSchema,
  },
  comment: {
    params: Type.Object(
      { path: Path, line: Line, end_line: LastLine, text: MessageText, key: RepeatKey },
      { ...strict, description: "Comments on lines of a file; lines as in `thread`." },
    ),
    result: ThreadSchema,
  },
  reply: {
    params: Type.Object(
      { thread: ThreadId, text: MessageText, key: RepeatKey },
      { ...strict, description: "Writes another comment into a thread." },
    ),
    result: ThreadSchema,
  },
  resolve: {
    params: Type.Object(
      { thread: ThreadId, resolved: Type.Boolean() },
      { ...strict, description: "Marks a thread as resolved, or not." },
    ),
    result: ThreadSchema,
  },
  "delete-comment": {
    params: Type.Object(
      { thread: ThreadId, comment: WholeNumber({ minimum: 1, description: "Its `id`." }) },
      { ...strict, description: "Deletes a comment of one's own; a thread without comments is gone." },
    ),
    result: Type.Object({}),
  },
} as const;

/** The events of the session: what a guest may not see is not sent. */
export const ThreadMessages = [
  Type.Object(
    {
      type: Type.Literal("thread"),
      thread: ThreadSchema,
      written: Type.Boolean({ description: "Its last comment is new; false: something else has changed." }),
    },
    { description: "Somebody commented on a file that this guest sees, or changed a thread: its newest state." },
  ),
  Type.Object(
    { type: Type.Literal("thread-gone"), thread: WholeNumber() },
    { description: "A thread that this guest was sent is no longer there." },
  ),
] as const;

/** The data of a `thread` event of the owner's stream; null: the thread is gone. */
export interface ThreadEvent {
  readonly share: string;
  readonly id: number;
  readonly thread: Thread | null;
}
