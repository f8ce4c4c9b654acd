import { type Static, Type } from "typebox";
import { WholeNumber } from "../../schema/whole-number.ts";

/** `POST /api/share/owner-save`: the owner's editor is about to save a file that guests may have changed (RULES R13). */
export const OwnerSaveSchema = Type.Object({
  path: Type.String({ minLength: 1, description: "Absolute." }),
  base: Type.Union([Type.String(), Type.Null()], {
    description: "The version that the editor's text is based on: the file as last read or saved; null: unknown.",
  }),
  text: Type.String({ description: "The editor's text." }),
});
export type OwnerSave = Static<typeof OwnerSaveSchema>;

const By = Type.Array(Type.String(), { description: "Names of the guests whose changes are in the file." });

const KeptSchema = Type.Object({
  share: Type.String(),
  path: Type.String({ description: "Relative to the share's root." }),
  version: Type.String(),
});

export const OwnerSaveAnswerSchema = Type.Union([
  Type.Object(
    { kind: Type.Literal("untouched") },
    { description: "No guest changed the file since; the editor saves it as usual." },
  ),
  Type.Object(
    {
      kind: Type.Literal("merged"),
      text: Type.String({ description: "Both changes, already in the file." }),
      by: By,
      line: WholeNumber({ description: "First line that guests changed, from 1; 0: unknown." }),
      end_line: WholeNumber(),
    },
    { description: "Guests changed other lines." },
  ),
  Type.Object(
    {
      kind: Type.Literal("overlap"),
      by: By,
      theirs: Type.String({ description: "The file, with their changes." }),
      kept: Type.Union([KeptSchema, Type.Null()], {
        description: "The version under which `theirs` is kept on the disk; null: it could not be kept.",
      }),
    },
    { description: "Guests changed the same lines. Nothing was written to the file." },
  ),
]);
export type OwnerSaveAnswer = Static<typeof OwnerSaveAnswerSchema>;

/** `GET /api/share/guest-writes`: whether guests wrote to a file. */
export const GuestWritesSchema = Type.Object({ written: Type.Boolean() });
export type GuestWrites = Static<typeof GuestWritesSchema>;
