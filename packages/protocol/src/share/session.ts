import { type Static, type TSchema, Type } from "typebox";
import { LiveServerMessages } from "../live/live-messages.ts";
import { ErrorMessageSchema, ResponseMessageSchema } from "../live/requests.ts";
import { WholeNumber } from "../schema/whole-number.ts";
import { AppMessage, AppWelcomeSchema, appMethods } from "./apps.ts";
import { commentMethods, ThreadMessages } from "./comments.ts";
import { commitMethods, SharedCommitSchema } from "./commit.ts";
import { FollowedSchema, InvitedMessage, PlaceFields, ViewSchema } from "./following.ts";
import { LevelSchema, PermissionNameSchema } from "./level.ts";
import { readOnlyReasons } from "./read-only-reasons.ts";
import { ScopeSchema } from "./scope.ts";
import { GuestSaySchema, ReadTalkSchema, SaidMessageSchema, TalkMessageSchema, TalkPageSchema } from "./talk.ts";
import { ShownTerminalSchema, TerminalMessages, WatchTerminalSchema } from "./terminal-watch.ts";

/**
 * The guest session (DESIGN §3.5): one WebSocket a page, JSON in text frames. The gateway answers each `request` of the
 * guest with `response` or `error`, and sends events by itself; live editing has messages of its own.
 */
export const sessionProtocol = 2;

/** Sub-protocol of the upgrade, so that the gateway refuses a page of another version at once. */
export const sessionSubprotocol = `waiide-session-${sessionProtocol}`;

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
  modified: Type.Number({
    description: "Milliseconds since 1970. For show only: versions are hashes of content.",
  }),
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
  outdated: Type.Boolean({
    description: "The position is no longer certain: `content` is the last known text, and the gateway refuses writes.",
  }),
});
export type Placement = Static<typeof PlacementSchema>;

export const FileContentSchema = Type.Object({
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
export type FileContent = Static<typeof FileContentSchema>;

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
  stat: {
    params: Type.Object({ path: Path }, { ...strict, description: "One file or folder." }),
    result: EntrySchema,
  },
  read: {
    params: Type.Object(
      { path: Path },
      { ...strict, description: "Up to `limits.read` bytes; larger files are read at `files/<path>`." },
    ),
    result: FileContentSchema,
  },
  write: {
    params: Type.Object(
      {
        path: Path,
        base: Type.Union([Version, Type.Null()]),
        content: Type.String(),
        encoding: Encoding,
        base_content: Type.Optional(Type.String()),
      },
      {
        ...strict,
        description:
          "`base`: the version that the text was based on, null for a file that must not exist yet. Where the file has another version and `base_content` is given, both changes are merged; overlapping ones are a CONFLICT.",
      },
    ),
    result: Type.Object({
      version: Version,
      size: WholeNumber(),
      modified: Type.Number(),
      merged: Type.Optional(
        Type.String({
          description: "The text that was saved, where the gateway merged it with another change of the file.",
        }),
      ),
      selection: Type.Optional(PlacementSchema),
    }),
  },
  version: {
    params: Type.Object(
      { path: Path, version: Type.Optional(Version) },
      {
        ...strict,
        description:
          "What this guest wrote where the owner changed the same lines; without `version` the newest. Up to `limits.read` bytes. Another guest's, and one of a file that this guest may not read now, is NOT_FOUND.",
      },
    ),
    result: Type.Object({ version: Version, encoding: Encoding, content: Type.String(), at: Type.String() }),
  },
  create: {
    params: Type.Object(
      { path: Path, kind: EntryKindSchema },
      { ...strict, description: "Makes an empty file, or a folder." },
    ),
    result: EntrySchema,
  },
  rename: {
    params: Type.Object({ from: Path, to: Path }, { ...strict, description: "Renames or moves within the scope." }),
    result: EntrySchema,
  },
  delete: {
    params: Type.Object(
      { path: Path, recursive: Type.Optional(Type.Boolean()) },
      { ...strict, description: "Deletes a file or folder; one with entries only with `recursive`." },
    ),
    result: Empty,
  },
  watch: {
    params: Type.Object(
      { path: Path },
      { ...strict, description: "`changes` of a file, or of a folder's direct entries, until `unwatch`." },
    ),
    result: Empty,
  },
  unwatch: {
    params: Type.Object({ path: Path }, { ...strict, description: "Ends a `watch`." }),
    result: Empty,
  },
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
      { ...strict, description: "Text in files." },
    ),
    result: Type.Object({
      files: Type.Array(Type.Object({ path: Path, matches: Type.Array(Match) })),
      incomplete: Type.Boolean({ description: "Cut short by the number of matches or by time." }),
    }),
  },
  find: {
    params: Type.Object(
      { pattern: Type.String({ maxLength: 500 }), most: Type.Optional(WholeNumber()) },
      { ...strict, description: "Files whose path holds the letters of the pattern in order, best first." },
    ),
    result: Type.Object({ paths: Type.Array(Path), incomplete: Type.Boolean() }),
  },
  cancel: {
    params: Type.Object(
      { request: WholeNumber() },
      { ...strict, description: "Ends a search or find that is under way." },
    ),
    result: Empty,
  },
  ...commitMethods,
  say: { params: GuestSaySchema, result: TalkMessageSchema },
  talk: { params: ReadTalkSchema, result: TalkPageSchema },
  ...commentMethods,
  presence: {
    params: Type.Object(
      {
        path: Type.Union([Path, Type.Null()]),
        visible: Type.Boolean(),
        input: Type.Boolean(),
        view: Type.Optional(ViewSchema),
        follows: Type.Optional(FollowedSchema),
      },
      {
        ...strict,
        description:
          "What this guest does: which file is open, whether the page is visible, and whether there was input since the last report; what of the file they see, while somebody follows them; and whom they follow.",
      },
    ),
    result: Empty,
  },
  invite: {
    params: Type.Object({}, { ...strict, description: "Asks everybody in the share to follow this guest: `invited`." }),
    result: Empty,
  },
  "watch-terminal": { params: WatchTerminalSchema, result: Empty },
  ...appMethods,
} as const satisfies Record<string, MethodSchemas>;

export type Method = keyof typeof methods;
export type Params<M extends Method> = Static<(typeof methods)[M]["params"]>;
export type Result<M extends Method> = Static<(typeof methods)[M]["result"]>;

export const PersonSchema = Type.Object({
  session: Type.String(),
  name: Type.String(),
  color: Type.String({ description: "CSS color, chosen by the gateway." }),
  level: LevelSchema,
  path: Type.Union([Type.String(), Type.Null()]),
  view: Type.Optional(ViewSchema),
  follows: Type.Optional(Type.String({ description: "The session that they follow." })),
  ...PlaceFields,
});
export type Person = Static<typeof PersonSchema>;

export const SharedSchema = Type.Object({
  id: Type.String(),
  owner: Type.String(),
  level: LevelSchema,
  permission: PermissionNameSchema,
  promise: Type.String({ description: "What the guest can do, in plain words." }),
  scope: ScopeSchema,
  root_name: Type.String({ description: "The last part of the root's path." }),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  time_left: Type.Union([Type.Number(), Type.Null()], {
    description: "Milliseconds; the page's clock may be wrong.",
  }),
  commit: Type.Optional(SharedCommitSchema),
  talk: Type.Boolean({ description: "Whether people in the share may write messages to each other." }),
  copies: Type.Optional(Type.Boolean({ description: "Whether guests may make their own copy, below `copy`." })),
});
export type Shared = Static<typeof SharedSchema>;

export const WelcomeSchema = Type.Object(
  {
    type: Type.Literal("welcome"),
    protocol: Type.Literal(sessionProtocol),
    you: PersonSchema,
    share: SharedSchema,
    opens: Type.Optional(
      Type.String({
        description: "The file to open first; absent if none was chosen or this guest cannot see it now.",
      }),
    ),
    limits: Type.Object({
      read: WholeNumber({ description: "Bytes of a `read`." }),
      file: WholeNumber({ description: "Bytes of a file." }),
      requests: WholeNumber({ description: "Maximum number of concurrent requests." }),
    }),
    people: Type.Array(PersonSchema),
    terminals: Type.Array(ShownTerminalSchema, { description: "Terminals that the owner shows." }),
    app: Type.Optional(AppWelcomeSchema),
  },
  { description: "The first message: who this guest is, what is shared, and who else is here." },
);
export type Welcome = Static<typeof WelcomeSchema>;

export const FileChangeSchema = Type.Object({
  path: Type.String(),
  kind: Type.Union([Type.Literal("created"), Type.Literal("changed"), Type.Literal("deleted")]),
  version: Type.Optional(Version),
  origin: Type.Optional(
    Type.String({ description: "The session that made the change; absent: the owner, or a program on the machine." }),
  ),
});
export type FileChange = Static<typeof FileChangeSchema>;

const PeopleMessage = Type.Object(
  { type: Type.Literal("people"), people: Type.Array(PersonSchema) },
  { description: "Everybody in the share, after each change." },
);
const ChangesMessage = Type.Object(
  { type: Type.Literal("changes"), changes: Type.Array(FileChangeSchema) },
  { description: "What changed of the files and folders that the page watches." },
);
const ShareMessage = Type.Object(
  { type: Type.Literal("share"), share: SharedSchema },
  { description: "The share has changed, without its level." },
);

const OverlapMessage = Type.Object(
  {
    type: Type.Literal("overlap"),
    path: Type.String(),
    owner: Type.String(),
    version: Type.Union([Version, Type.Null()], {
      description:
        "What `version` gives this guest back of what they wrote; null: it could not be kept, or is a selection.",
    }),
  },
  { description: "The owner and guests changed the same lines of a file; the owner sees both." },
);

/** Every message of the gateway. */
export const ServerMessageSchema = Type.Union([
  WelcomeSchema,
  ResponseMessageSchema,
  ErrorMessageSchema,
  PeopleMessage,
  ChangesMessage,
  ShareMessage,
  OverlapMessage,
  InvitedMessage,
  ...TerminalMessages,
  AppMessage,
  SaidMessageSchema,
  ...ThreadMessages,
  ...LiveServerMessages,
]);
export type ServerMessage = Static<typeof ServerMessageSchema>;
