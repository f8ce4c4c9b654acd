import { type Static, type TSchema, Type } from "typebox";
import { LiveServerMessages } from "../live/live-messages.ts";
import { WholeNumber } from "../schema/whole-number.ts";
import { LevelSchema, PermissionNameSchema } from "./level.ts";
import { readOnlyReasons } from "./read-only-reasons.ts";
import { ScopeSchema } from "./scope.ts";

/**
 * The guest session (DESIGN §3.5): one WebSocket a page, JSON in text frames. The gateway answers each `request` of the
 * guest with `response` or `error`, and sends events by itself; live editing has messages of its own.
 */
export const sessionProtocol = 2;

/** Sub-protocol of the upgrade, so that the gateway refuses a page of another version at once. */
export const sessionSubprotocol = `waiide-session-${sessionProtocol}`;

/** Why a session's socket was closed; from the range for applications (RFC 6455 §7.4.2). */
export const sessionClose = {
  /** The gateway stops or restarts: reconnecting may help. */
  stopped: 1001,
  /** Unreadable messages, or too many. */
  protocol: 4400,
  /** The cookie is no longer good. */
  login: 4401,
  expired: 4410,
  revoked: 4411,
  /** The owner removed this guest. */
  removed: 4412,
  /** Level or limits have changed: the page reconnects and takes the new ones. */
  changed: 4413,
  /** Hidden or without input for too long; the page offers to resume (RULES R20). */
  idle: 4414,
  /** An administrator ended the share or forbade it. */
  administrator: 4415,
  /** The share's token at the hub was deleted. */
  hub: 4416,
  /** Too many at once. */
  busy: 4429,
} as const;
export type SessionCloseReason = keyof typeof sessionClose;

const Path = Type.String({ maxLength: 4096, description: "Relative to the share's root; empty: the root." });
const Version = Type.String({ description: "SHA-256 of the file's bytes, hexadecimal." });
const Encoding = Type.Union([Type.Literal("utf8"), Type.Literal("base64")]);

export const EntryKindSchema = Type.Union([Type.Literal("file"), Type.Literal("folder")]);
export type EntryKind = Static<typeof EntryKindSchema>;

const ReadOnly = Type.Optional(Type.Enum(readOnlyReasons, { description: "Why `writable` is false." }));
const Because = Type.Optional(
  Type.String({ description: "For `protected`: which program runs the file, as the end of a sentence." }),
);

export const EntrySchema = Type.Object({
  name: Type.String(),
  kind: EntryKindSchema,
  size: WholeNumber({ description: "Bytes; 0 for folders." }),
  /** Milliseconds since 1970. For show only: versions are hashes of content (RULES R13). */
  modified: Type.Number(),
  writable: Type.Boolean({ description: "Whether this share's level, lists and the file itself permit writing." }),
  read_only: ReadOnly,
  protected_because: Because,
});
export type Entry = Static<typeof EntrySchema>;

/** Where the selection of a selection share is now (RULES R12); lines from 1, columns from 0, the end exclusive. */
export const PlacementSchema = Type.Object({
  line: WholeNumber(),
  col: WholeNumber(),
  end_line: WholeNumber(),
  end_col: Type.Union([WholeNumber(), Type.Null()]),
  /** The position is no longer certain: `content` is the last known text, and the gateway refuses writes. */
  outdated: Type.Boolean(),
});
export type Placement = Static<typeof PlacementSchema>;

const FileContent = Type.Object({
  version: Version,
  encoding: Encoding,
  content: Type.String(),
  size: WholeNumber({ description: "Bytes of the content." }),
  modified: Type.Number(),
  writable: Type.Boolean(),
  read_only: ReadOnly,
  protected_because: Because,
  selection: Type.Optional(PlacementSchema),
});
export type FileContent = Static<typeof FileContent>;

const Match = Type.Object({
  line: WholeNumber({ description: "From 1." }),
  text: Type.String({ description: "The line, cut to 1,000 characters around the match." }),
  /** UTF-16 positions in `text`. */
  start: WholeNumber(),
  end: WholeNumber(),
  /** UTF-16 position of `text` in the line. */
  offset: WholeNumber(),
});
export type Match = Static<typeof Match>;

const Empty = Type.Object({});

interface MethodSchemas {
  readonly params: TSchema;
  readonly result: TSchema;
}

const strict = { additionalProperties: false } as const;

/** Every request with its parameters and its result. */
export const methods = {
  list: {
    params: Type.Object(
      { path: Path, cursor: Type.Optional(Type.String({ maxLength: 1024 })) },
      { ...strict, description: "One page of a folder, by name; `cursor` is the last answer's `next`." },
    ),
    result: Type.Object({ entries: Type.Array(EntrySchema), next: Type.Union([Type.String(), Type.Null()]) }),
  },
  stat: { params: Type.Object({ path: Path }, strict), result: EntrySchema },
  /** Up to `limits.read` bytes; larger files are read at `files/<path>`. */
  read: { params: Type.Object({ path: Path }, strict), result: FileContent },
  /**
   * `base`: the version the text was based on, null for a file that must not exist yet. Where the file has another version
   * and `base_content` is given, both changes are merged; overlapping ones are a CONFLICT.
   */
  write: {
    params: Type.Object(
      {
        path: Path,
        base: Type.Union([Version, Type.Null()]),
        content: Type.String(),
        encoding: Encoding,
        base_content: Type.Optional(Type.String()),
      },
      strict,
    ),
    result: Type.Object({
      version: Version,
      size: WholeNumber(),
      modified: Type.Number(),
      /** The text that was saved, where the gateway merged it with another change of the file. */
      merged: Type.Optional(Type.String()),
      selection: Type.Optional(PlacementSchema),
    }),
  },
  /** Up to `limits.read` bytes. Another guest's, and one of a file that this guest may not read now, is NOT_FOUND. */
  version: {
    params: Type.Object(
      { path: Path, version: Type.Optional(Version) },
      {
        ...strict,
        description: "What this guest wrote where the owner changed the same lines; without `version` the newest.",
      },
    ),
    result: Type.Object({ version: Version, encoding: Encoding, content: Type.String(), at: Type.String() }),
  },
  create: { params: Type.Object({ path: Path, kind: EntryKindSchema }, strict), result: EntrySchema },
  rename: { params: Type.Object({ from: Path, to: Path }, strict), result: EntrySchema },
  delete: { params: Type.Object({ path: Path, recursive: Type.Optional(Type.Boolean()) }, strict), result: Empty },
  /** A file, or a folder's direct entries, until `unwatch`. */
  watch: { params: Type.Object({ path: Path }, strict), result: Empty },
  unwatch: { params: Type.Object({ path: Path }, strict), result: Empty },
  /** Text in files. Answered at the end; `matches` events may come before, for the same id. */
  search: {
    params: Type.Object(
      {
        pattern: Type.String({ minLength: 1, maxLength: 1000 }),
        regexp: Type.Optional(Type.Boolean()),
        case_sensitive: Type.Optional(Type.Boolean()),
        whole_word: Type.Optional(Type.Boolean()),
        include: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 50 })),
        exclude: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 50 })),
        folder: Type.Optional(Path),
      },
      strict,
    ),
    result: Type.Object({
      files: Type.Array(Type.Object({ path: Path, matches: Type.Array(Match) })),
      /** Cut short by the number of matches or by time. */
      incomplete: Type.Boolean(),
    }),
  },
  /** Files whose path holds the letters of the pattern in order, best first. */
  find: {
    params: Type.Object({ pattern: Type.String({ maxLength: 500 }), most: Type.Optional(WholeNumber()) }, strict),
    result: Type.Object({ paths: Type.Array(Path), incomplete: Type.Boolean() }),
  },
  /** Ends a search or find that is under way. */
  cancel: { params: Type.Object({ request: WholeNumber() }, strict), result: Empty },
  /** What this guest does: which file is open, whether the page is visible, and whether there was input since the last report. */
  presence: {
    params: Type.Object(
      { path: Type.Union([Path, Type.Null()]), visible: Type.Boolean(), input: Type.Boolean() },
      strict,
    ),
    result: Empty,
  },
} as const satisfies Record<string, MethodSchemas>;

export type Method = keyof typeof methods;
export type Params<M extends Method> = Static<(typeof methods)[M]["params"]>;
export type Result<M extends Method> = Static<(typeof methods)[M]["result"]>;

/**
 * Why a request failed. `NOT_FOUND` also stands for hidden files and those outside the scope (RULES R10); `CONFLICT`: the file
 * has another version (R13); `OUTDATED`: the selection's position is not certain (R12); `UNSAFE`: the owner's IDE would run a part
 * of it by showing it (R11).
 */
export const sessionErrors = [
  "NOT_FOUND",
  "DENIED",
  "CONFLICT",
  "OUTDATED",
  "UNSAFE",
  "EXISTS",
  "NOT_EMPTY",
  "NOT_A_FILE",
  "TOO_LARGE",
  "NO_SPACE",
  "BUSY",
  "INVALID",
  "CANCELLED",
  "FAILED",
] as const;
export type SessionErrorCode = (typeof sessionErrors)[number];

export const RequestMessageSchema = Type.Object(
  {
    type: Type.Literal("request"),
    id: WholeNumber({ minimum: 0 }),
    method: Type.String(),
    params: Type.Unknown(),
  },
  strict,
);
export type RequestMessage = Static<typeof RequestMessageSchema>;

export const PersonSchema = Type.Object({
  session: Type.String(),
  name: Type.String(),
  /** CSS color, chosen by the gateway. */
  color: Type.String(),
  level: LevelSchema,
  path: Type.Union([Type.String(), Type.Null()]),
});
export type Person = Static<typeof PersonSchema>;

export const SharedSchema = Type.Object({
  id: Type.String(),
  owner: Type.String(),
  level: LevelSchema,
  permission: PermissionNameSchema,
  promise: Type.String({ description: "What the guest can do, in plain words." }),
  scope: ScopeSchema,
  /** The last part of the root's path. */
  root_name: Type.String(),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  /** Milliseconds; the page's clock may be wrong. */
  time_left: Type.Union([Type.Number(), Type.Null()]),
});
export type Shared = Static<typeof SharedSchema>;

export const WelcomeSchema = Type.Object({
  type: Type.Literal("welcome"),
  protocol: Type.Literal(sessionProtocol),
  you: PersonSchema,
  share: SharedSchema,
  /** The file to open first; absent if none was chosen or this guest cannot see it now. */
  opens: Type.Optional(Type.String()),
  limits: Type.Object({
    read: WholeNumber({ description: "Bytes of a `read`." }),
    file: WholeNumber({ description: "Bytes of a file." }),
    requests: WholeNumber({ description: "Maximum number of concurrent requests." }),
  }),
  people: Type.Array(PersonSchema),
});
export type Welcome = Static<typeof WelcomeSchema>;

export const FileChangeSchema = Type.Object({
  path: Type.String(),
  kind: Type.Union([Type.Literal("created"), Type.Literal("changed"), Type.Literal("deleted")]),
  version: Type.Optional(Version),
  /** The session that made the change; absent: the owner, or a program on the machine. */
  origin: Type.Optional(Type.String()),
});
export type FileChange = Static<typeof FileChangeSchema>;

const ResponseMessage = Type.Object({ type: Type.Literal("response"), id: WholeNumber(), result: Type.Unknown() });
const ErrorMessage = Type.Object({
  type: Type.Literal("error"),
  id: WholeNumber(),
  error: Type.Object({
    code: Type.Enum(sessionErrors),
    message: Type.String(),
    /** The file's version, with CONFLICT. */
    version: Type.Optional(Version),
  }),
});
const PeopleMessage = Type.Object({ type: Type.Literal("people"), people: Type.Array(PersonSchema) });
const ChangesMessage = Type.Object({ type: Type.Literal("changes"), changes: Type.Array(FileChangeSchema) });
const ShareMessage = Type.Object({ type: Type.Literal("share"), share: SharedSchema });

/** The owner and guests changed the same lines of a file; the owner sees both. */
const OverlapMessage = Type.Object({
  type: Type.Literal("overlap"),
  path: Type.String(),
  owner: Type.String(),
  version: Type.Union([Version, Type.Null()], {
    description:
      "What `version` gives this guest back of what they wrote; null: it could not be kept, or is a selection.",
  }),
});

/** Every message of the gateway. */
export const ServerMessageSchema = Type.Union([
  WelcomeSchema,
  ResponseMessage,
  ErrorMessage,
  PeopleMessage,
  ChangesMessage,
  ShareMessage,
  OverlapMessage,
  ...LiveServerMessages,
]);
export type ServerMessage = Static<typeof ServerMessageSchema>;
export type ErrorMessage = Static<typeof ErrorMessage>;
