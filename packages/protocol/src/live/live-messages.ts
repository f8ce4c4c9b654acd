import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";
import { ThreadMessages } from "../share/comments.ts";
import { readOnlyReasons } from "../share/read-only-reasons.ts";
import { SaidMessageSchema } from "../share/talk.ts";
import { TerminalMessages } from "../share/terminal-watch.ts";
import { ErrorMessageSchema, ResponseMessageSchema } from "./requests.ts";
import {
  WindowInviteSchema,
  WindowOpenSchema,
  WindowPeopleMessages,
  WindowPresenceSchema,
  WindowTalkSchema,
  WindowWatchSchema,
} from "./window-people.ts";

/**
 * The messages of live editing (docs/contributing/live.md). A guest's page sends them on its session's socket; a window of the owner's IDE
 * sends the same ones on `api/live`, with those of `WindowMessageSchema`. Texts have `\n` line ends and no byte order mark;
 * positions are UTF-16 offsets. `doc` is the gateway's number of a file for one socket.
 */

const strict = { additionalProperties: false } as const;
const Path = Type.String({ maxLength: 4096 });
const Doc = WholeNumber({ description: "Number of the file on this socket." });
const Rev = WholeNumber({ description: "How many changes the text has had in this epoch, as this client sees it." });
const Eol = Type.Union([Type.Literal("\n"), Type.Literal("\r\n")]);
const Epoch = Type.String({
  maxLength: 64,
  description: "Names one life of the file's text; revisions count within it.",
});
/** Chosen by the client, new for each life of its page: with `seq` it makes a repeated change count once. */
const Client = Type.String({ minLength: 8, maxLength: 64 });
const Seq = WholeNumber({ description: "Counts the client's changes from 1." });
/** What was under way when the connection broke is sent again only where the text does not have it. */
const LastSeq = WholeNumber({ description: "The client's last change that the text has; 0 for none." });

/** `textHash` of a text; empty: unknown. */
const Hash = Type.String({ maxLength: 64 });

/** `ChangeSet.toJSON()` of @codemirror/state: a length that is kept, or `[deleted, ...inserted lines]`. */
export const ChangeJsonSchema = Type.Array(
  Type.Union([WholeNumber(), Type.Array(Type.Union([WholeNumber(), Type.String()]), { minItems: 1 })]),
  { description: "A change as @codemirror/state writes it." },
);
export type ChangeJson = Static<typeof ChangeJsonSchema>;

/** `[anchor, head]`. */
const Range = Type.Tuple([WholeNumber(), WholeNumber()]);

/** Why a file cannot be live; saves work as without live editing. */
export const notLiveReasons = [
  "binary",
  "encoding",
  "large",
  "line-endings",
  "linked",
  "notebook",
  "outdated",
  "limit",
  "off",
] as const;
export type NotLiveReason = (typeof notLiveReasons)[number];

/**
 * Why a change was refused. `level`, `scope`, `protected`, `locked`, `outdated`: as for writes; `ended`: the share is over; `limit`: too large
 * or too fast; `invalid`: not a change of this text.
 */
export const refusedReasons = [
  "level",
  "scope",
  "protected",
  "locked",
  "outdated",
  "ended",
  "limit",
  "invalid",
] as const;
export type RefusedReason = (typeof refusedReasons)[number];

/** What a client sends about files that it has open. */
export const LiveClientMessageSchema = Type.Union([
  Type.Object(
    {
      type: Type.Literal("live-open"),
      path: Path,
      client: Client,
      epoch: Type.Optional(Epoch),
      rev: Type.Optional(Rev),
    },
    {
      ...strict,
      description: "Joins a file. With `epoch` and `rev`, the client has that state and wants what followed.",
    },
  ),
  Type.Object(
    { type: Type.Literal("live-change"), doc: Doc, seq: Seq, rev: Rev, change: ChangeJsonSchema },
    { ...strict, description: "One change, made at `rev`. A client waits for the answer before it sends the next." },
  ),
  Type.Object(
    {
      type: Type.Literal("live-cursor"),
      doc: Doc,
      rev: Rev,
      ranges: Type.Array(Range, { maxItems: 100 }),
      visible: Type.Optional(Range),
      follows: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
    },
    { ...strict, description: "Where this client's carets are; an empty list: it left the editor." },
  ),
  Type.Object(
    { type: Type.Literal("live-save"), doc: Doc, rev: Rev },
    { ...strict, description: "The person saves (Ctrl+S): answered by `live-saved`, or `live-save-failed`." },
  ),
  Type.Object(
    { type: Type.Literal("live-check"), doc: Doc, rev: Rev, hash: Type.String({ maxLength: 64 }) },
    { ...strict, description: "SHA-256 of the client's text at `rev`; the gateway resets a client that differs." },
  ),
  Type.Object({ type: Type.Literal("live-close"), doc: Doc }, { ...strict, description: "Leaves a file." }),
]);
export type LiveClientMessage = Static<typeof LiveClientMessageSchema>;

/**
 * One change of the log. `person` names the author for this viewer: a session of the same share, `owner`, `disk`, or another
 * share's guest as `other-…`; `client` and `seq` are there only on the viewer's own changes, which they acknowledge. `behind`: where
 * both insert at one place, this change goes behind what the viewer has not sent or had acknowledged; otherwise it goes in front.
 */
export const LoggedChangeSchema = Type.Object({
  person: Type.String(),
  client: Type.Optional(Client),
  seq: Type.Optional(Seq),
  change: ChangeJsonSchema,
  behind: Type.Optional(Type.Literal(true)),
});
export type LoggedChange = Static<typeof LoggedChangeSchema>;

/** Someone in a file, as this viewer may see them. */
export const CaretSchema = Type.Object({
  person: Type.String(),
  name: Type.String({ description: "“a guest of another share” where the name is not for this viewer." }),
  color: Type.String({ description: "CSS color, chosen by the gateway." }),
  ranges: Type.Array(Range),
  visible: Type.Optional(Range),
  follows: Type.Optional(Type.String()),
});
export type Caret = Static<typeof CaretSchema>;

/** What the gateway sends about files that a client has open. */
export const LiveServerMessages = [
  Type.Object(
    {
      type: Type.Literal("live-opened"),
      path: Path,
      doc: Doc,
      epoch: Epoch,
      rev: Rev,
      text: Type.Optional(
        Type.String({ description: "The whole text; absent where `since` brings the client up to date." }),
      ),
      since: Type.Optional(Type.Array(LoggedChangeSchema)),
      eol: Eol,
      writable: Type.Boolean(),
      read_only: Type.Optional(Type.Enum(readOnlyReasons)),
      saved: Rev,
      seq: LastSeq,
    },
    { description: "The client is in the file; `rev` is its revision after `text` or `since`." },
  ),
  Type.Object(
    { type: Type.Literal("live-not-opened"), path: Path, reason: Type.Enum([...notLiveReasons, "missing", "failed"]) },
    { description: "The file is not live; the page reads and saves it as a whole." },
  ),
  Type.Object(
    { type: Type.Literal("live-changes"), doc: Doc, rev: Rev, changes: Type.Array(LoggedChangeSchema) },
    { description: "Changes in order, all in the journal; `rev` counts after the last of them." },
  ),
  Type.Object(
    { type: Type.Literal("live-refused"), doc: Doc, seq: Seq, reason: Type.Enum(refusedReasons) },
    { description: "The client rolls this change, and what it built on it, back." },
  ),
  Type.Object(
    {
      type: Type.Literal("live-reset"),
      doc: Doc,
      epoch: Epoch,
      rev: Rev,
      text: Type.String(),
      saved: Rev,
      seq: LastSeq,
      reason: Type.Enum(["behind", "differs", "epoch"]),
    },
    { description: "The client takes this text; its unacknowledged changes are mapped or kept to copy." },
  ),
  Type.Object(
    {
      type: Type.Literal("live-rights"),
      doc: Doc,
      writable: Type.Boolean(),
      read_only: Type.Optional(Type.Enum(readOnlyReasons)),
    },
    { description: "What this client may do in the file has changed." },
  ),
  Type.Object(
    {
      type: Type.Literal("live-cursors"),
      doc: Doc,
      rev: Rev,
      changed: Type.Array(CaretSchema),
      gone: Type.Array(Type.String()),
    },
    { description: "Who moved and who left, in positions of `rev`." },
  ),
  Type.Object(
    { type: Type.Literal("live-saved"), doc: Doc, rev: Rev },
    { description: "The file holds the text of `rev`." },
  ),
  Type.Object(
    { type: Type.Literal("live-save-failed"), doc: Doc, message: Type.String() },
    { description: "The text is safe in the journal, and not in the file; `message` says why." },
  ),
  Type.Object(
    { type: Type.Literal("live-overlap"), doc: Doc },
    {
      description:
        "A program changed lines of the file that had unsaved changes: the text stays, the file's lines are kept in the list of changes.",
    },
  ),
  Type.Object(
    { type: Type.Literal("live-closed"), doc: Doc, reason: Type.Enum(["deleted", "rights", "ended", "not-live"]) },
    { description: "The file is not live any more for this client." },
  ),
] as const;
export const LiveServerMessageSchema = Type.Union([...LiveServerMessages]);
export type LiveServerMessage = Static<typeof LiveServerMessageSchema>;

/**
 * What a window of an IDE sends besides, the owner's or a Terminal Access guest's; see docs/contributing/live.md on the lease.
 * Hashes are those of `textHash`.
 */
export const WindowMessageSchema = Type.Union([
  Type.Object(
    { type: Type.Literal("window-hello"), folders: Type.Array(Path, { maxItems: 1_000 }) },
    { ...strict, description: "First message of a window: absolute paths of its folders." },
  ),
  Type.Object(
    {
      type: Type.Literal("window-bind"),
      path: Path,
      client: Client,
      hash: Hash,
      epoch: Type.Optional(Epoch),
      rev: Type.Optional(Rev),
    },
    {
      ...strict,
      description:
        "The window has this live file (absolute path) open: `live-open` for windows. `hash` is that of the text that it read or wrote last. What the file holds is taken in first. Answered by `live-opened`, then `window-lease`.",
    },
  ),
  Type.Object(
    { type: Type.Literal("window-saving"), doc: Doc, hash: Hash, eol: Type.Optional(Eol) },
    {
      ...strict,
      description:
        "The window is about to save; hash of the text that it knows the file has, or empty, and the line ends that it writes. Answered by `window-may-save`: the windows of a file save in turn.",
    },
  ),
  Type.Object(
    {
      type: Type.Literal("window-text"),
      doc: Doc,
      text: Type.String(),
      eol: Type.Optional(Eol),
      mark: Type.Optional(Type.Union([Type.Literal(""), Type.Literal("\uFEFF")])),
    },
    {
      ...strict,
      description:
        "What the window is about to write, with these line ends and byte order mark, where the file is not the one that it knows: the gateway writes it first, so that the window finds its own text there. Answered by `window-may-save`.",
    },
  ),
  Type.Object(
    { type: Type.Literal("window-wrote"), doc: Doc, hashes: Type.Array(Hash, { maxItems: 20 }) },
    {
      ...strict,
      description: "The window saved the file; hashes of the texts one of which it wrote, as people type meanwhile.",
    },
  ),
  Type.Object(
    { type: Type.Literal("window-restore"), doc: Doc },
    {
      ...strict,
      description:
        "The window's save left out blanks where others type: the gateway writes the file with them, and the window reads it.",
    },
  ),
  Type.Object(
    { type: Type.Literal("window-base"), path: Path, text: Type.String() },
    {
      ...strict,
      description:
        "The window has this unsaved text of a live file and does not know what it was made from, for example after it was loaded again. Answered by `window-base`; then it binds the file.",
    },
  ),
  Type.Object({ type: Type.Literal("window-focus"), doc: Doc }, { ...strict, description: "Asks for the lease." }),
  WindowPresenceSchema,
  WindowOpenSchema,
  WindowInviteSchema,
  WindowWatchSchema,
]);
export type WindowMessage = Static<typeof WindowMessageSchema>;

/** What the gateway sends to a window besides. */
export const WindowServerMessageSchema = Type.Union([
  Type.Object(
    {
      type: Type.Literal("window-live"),
      path: Path,
      on: Type.Boolean(),
      people: Type.Array(
        Type.Object({
          person: Type.String(),
          name: Type.String(),
        }),
        { description: "Who else is in the file." },
      ),
    },
    {
      description:
        "A file (absolute path) became live, or is not any more, or somebody came or left: a window that has it open binds it.",
    },
  ),
  Type.Object(
    { type: Type.Literal("window-lease"), doc: Doc, on: Type.Boolean() },
    { description: "This window saves the file." },
  ),
  Type.Object(
    {
      type: Type.Literal("window-may-save"),
      doc: Doc,
      needs_text: Type.Boolean({
        description: "The file is not the one that the window knows: it says first what it writes.",
      }),
    },
    { description: "The window may save now." },
  ),
  Type.Object(
    { type: Type.Literal("window-base"), path: Path, text: Type.String() },
    { description: "The text that the file lately had and that differs least from the window's unsaved one." },
  ),
  Type.Object(
    { type: Type.Literal("window-save"), doc: Doc },
    { description: "Asks the window to save the file now." },
  ),
  ...WindowPeopleMessages,
  ...TerminalMessages,
  WindowTalkSchema,
  SaidMessageSchema,
  ...ThreadMessages,
  ResponseMessageSchema,
  ErrorMessageSchema,
]);
export type WindowServerMessage = Static<typeof WindowServerMessageSchema>;
