import { type Static, Type } from "typebox";
import { WholeNumber } from "../../schema/whole-number.ts";

const GuestVersionSchema = Type.Object({
  version: Type.String({ description: "Identifies the content, for `original`." }),
  at: Type.String({ format: "date-time" }),
  who: Type.String({ description: "The guests whose changes it contains." }),
});
export type GuestVersion = Static<typeof GuestVersionSchema>;

const GuestChangeSchema = Type.Object({
  path: Type.String({ description: "Relative to the root." }),
  what: Type.Union([
    Type.Literal("created"),
    Type.Literal("changed"),
    Type.Literal("renamed"),
    Type.Literal("deleted"),
  ]),
  to: Type.Optional(Type.String({ description: "Its new path, where it was renamed." })),
  at: Type.String({ format: "date-time" }),
  who: Type.String({ description: "Who changed it last." }),
  original: Type.Boolean({ description: "Whether the content from before guests changed it can be fetched." }),
  edits: Type.Union([Type.Literal("guests"), Type.Literal("both"), Type.Literal("mixed"), Type.Literal("unknown")], {
    description:
      "Whose changes the file has had since guests first changed it: theirs only, or also those of the owner and programs (both). Where both changed the same lines, they cannot be told apart (mixed). Unknown: not kept.",
  }),
  changed_since: Type.Boolean({ description: "Whether the file is another one than guests left." }),
  versions: Type.Optional(
    Type.Array(GuestVersionSchema, {
      description: "What guests wrote where the owner changed the same lines, newest first.",
    }),
  ),
});
export type GuestChange = Static<typeof GuestChangeSchema>;

export const GuestChangesSchema = Type.Object({
  root: Type.String({ description: "Absolute path of the shared folder." }),
  changes: Type.Array(GuestChangeSchema, {
    description: "One page: first the files that existed before guests came, then those that they made; newest first.",
  }),
  total: WholeNumber({ description: "Number of changed files on all pages." }),
});
export type GuestChanges = Static<typeof GuestChangesSchema>;

export const OriginalSchema = Type.Object({
  text: Type.Union([Type.String(), Type.Null()], {
    description: "Empty where there was no file; null: it is not text in UTF-8.",
  }),
  base64: Type.Optional(Type.String({ description: "The bytes, where they are not text in UTF-8." })),
});
export type Original = Static<typeof OriginalSchema>;

/** `POST /api/share/<id>/without-guests`. */
export const WithoutGuestsQuestionSchema = Type.Object(
  {
    path: Type.String({ minLength: 1, description: "Relative to the root." }),
    now: Type.Union([OriginalSchema, Type.Null()], {
      description: "What the file holds now, or the editor that has unsaved changes; null: there is no file.",
    }),
  },
  { additionalProperties: false },
);
export type WithoutGuestsQuestion = Static<typeof WithoutGuestsQuestionSchema>;

export const WithoutGuestsSchema = Type.Union([
  Type.Object({ kind: Type.Literal("apart"), content: OriginalSchema }),
  Type.Object({
    kind: Type.Union([Type.Literal("mixed"), Type.Literal("unknown")], {
      description: "As `edits` of the changed file.",
    }),
  }),
]);
/** What a file would hold if guests had changed nothing; everything else stays. */
export type WithoutGuests = Static<typeof WithoutGuestsSchema>;
