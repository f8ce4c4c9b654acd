import { Type } from "typebox";
import { type Details, field, Nullable } from "../schema/record-fields.ts";
import { WholeNumber } from "../schema/whole-number.ts";
import { StoredAppSchema } from "./apps.ts";
import { SharedCommitSchema } from "./commit.ts";
import { type CopyChoice, CopyChoiceSchema } from "./copy.ts";
import { LevelSchema, levelWords, PermissionNameSchema } from "./level.ts";
import { ScopeSchema } from "./scope.ts";

/** Characters. */
export const maxNoteLength = 500;

const Note = Type.String({
  maxLength: maxNoteLength,
  // No control characters: notes are shown in terminals and windows.
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
  description: "For yourself and the hub's list, at most 500 characters on one line.",
});
const MaxGuests = WholeNumber({ minimum: 1, maximum: 1000, description: "How many guests may be online at once." });

const Approve = Type.Optional(
  Type.Boolean({ description: "Guests who follow the link wait until you accept them. Default false." }),
);

const Copy = Type.Optional(
  Nullable(CopyChoiceSchema, { description: "What others may copy; null: nothing. Default null." }),
);

/** Milliseconds since 1970 in records, ISO 8601 in answers. */
const Time = WholeNumber();
const IsoTime = Type.String({ format: "date-time" });
const unseen = { view: {}, show: () => ({}) };

/**
 * The fields of a share: the store's columns, the API's requests and answers, the flags of `waiide share create`, and the audit
 * follow from this list alone. A new
 * field is a row here and a migration (`store/schema.ts` in the gateway).
 */
export const shareFields = {
  id: field({ record: Type.String(), view: { id: Type.String() }, show: (id) => ({ id }) }),
  level: field({
    record: LevelSchema,
    view: {
      permission: PermissionNameSchema,
      level: LevelSchema,
      promise: Type.String({ description: "What the level means, in plain words." }),
    },
    show: (level) => ({ permission: levelWords[level].name, level, promise: levelWords[level].promise }),
    audit: (level) => ({ level }),
  }),
  scope: field({
    record: ScopeSchema,
    json: true,
    view: { scope: ScopeSchema },
    show: (scope) => ({ scope }),
    audit: (scope) => {
      if (scope.kind === "app") return { scope: scope.kind, app: scope.name };
      return { scope: scope.kind, path: scope.kind === "workspace" ? (scope.opens ?? "") : scope.path };
    },
  }),
  /** Of “Use the App”: which app, and which program it is. Null for all other levels. */
  app: field({ record: Nullable(StoredAppSchema), json: true, ...unseen }),
  root: field({
    record: Type.String(),
    view: { root: Type.String({ description: "Absolute path of the shared folder." }) },
    show: (root) => ({ root }),
    audit: (root) => ({ root }),
  }),
  /** What guests see in place of the root's files; null: those. */
  shownCommit: field({
    record: Nullable(SharedCommitSchema),
    json: true,
    view: { commit: Nullable(SharedCommitSchema, { description: "The commit that is shared; null: the files." }) },
    show: (commit) => ({ commit }),
    audit: (commit) => (commit === null ? {} : { commit: commit.id, ref: commit.name, follow: commit.follow }),
  }),
  /** What the selection tracker remembers (RULES R12). */
  selection: field({ record: Nullable(Type.String()), ...unseen }),
  createdAt: field({ record: Time, view: { created_at: IsoTime }, show: (at) => ({ created_at: iso(at) }) }),
  createdBy: field({ record: Type.String(), ...unseen }),
  /** null: never. */
  expiresAt: field({
    record: Nullable(Time),
    view: { expires_at: Nullable(IsoTime, { description: "null: never." }) },
    show: (at) => ({ expires_at: at === null ? null : iso(at) }),
    audit: (at) => ({ expires: at === null ? "never" : iso(at) }),
  }),
  note: field({
    record: Type.String(),
    view: { note: Type.String() },
    show: (note) => ({ note }),
    asked: {
      create: { note: Type.Optional(Note) },
      change: { note: Type.Optional(Note) },
      initial: "",
      flag: "a note for yourself",
    },
    audit: (note) => ({ note }),
  }),
  maxGuests: field({
    record: Nullable(WholeNumber()),
    view: { max_guests: Nullable(WholeNumber()) },
    show: (most) => ({ max_guests: most }),
    asked: {
      create: { max_guests: Type.Optional(MaxGuests) },
      change: { max_guests: Type.Optional(Nullable(MaxGuests)) },
      initial: null,
      flag: "maximum number of guests online at the same time",
    },
    audit: (most) => ({ max_guests: most }),
  }),
  /** Guests wait until the owner lets them in. */
  approve: field({
    record: Type.Boolean(),
    json: true,
    view: { approve: Type.Boolean({ description: "Whether the owner accepts each guest before they join." }) },
    show: (approve) => ({ approve }),
    asked: {
      create: { approve: Approve },
      change: { approve: Approve },
      initial: false,
      flag: "accept each guest yourself: they wait until you do",
    },
    audit: (approve) => ({ approve }),
  }),
  /** What others may copy into a server or a computer of their own; null: nothing. */
  copy: field({
    record: Nullable(CopyChoiceSchema),
    json: true,
    view: { copy: Nullable(CopyChoiceSchema, { description: "What others may copy; null: nothing." }) },
    show: (copy) => ({ copy }),
    asked: { create: { copy: Copy }, change: { copy: Copy }, initial: null },
    audit: (copy): Details => (copy === null ? {} : { copy: wordsOf(copy) }),
  }),
  /** The Terminal Access share that was in use when this one was made (RULES R16). */
  createdDuring: field({
    record: Nullable(Type.String()),
    view: {
      made_during: Nullable(Type.String(), {
        description:
          "The Terminal Access share that was in use when this was made, and whose guests may have made it; else null.",
      }),
    },
    show: (id) => ({ made_during: id }),
  }),
  /** The user or the group of the hub whom it is for. Both null: anyone with a link. */
  withUser: field({ record: Nullable(Type.String()), ...unseen, audit: (user) => ({ user }) }),
  withGroup: field({ record: Nullable(Type.String()), ...unseen, audit: (group) => ({ group }) }),
  endedAt: field({ record: Nullable(Time), ...unseen }),
  endReason: field({ record: Nullable(Type.Union([Type.Literal("expired"), Type.Literal("revoked")])), ...unseen }),
};

function wordsOf({ files, settings, extensions }: CopyChoice): string {
  const parts = [
    files && "files",
    extensions && "extensions",
    settings.length > 0 && `settings: ${settings.join(" ")}`,
  ];
  return parts.filter((part) => part !== false).join(", ") || "environment";
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
