import { type Static, Type } from "typebox";
import { Nullable } from "../schema/record-fields.ts";
import { WholeNumber } from "../schema/whole-number.ts";
import { CopyRunSchema, CopySchema } from "../share/copy.ts";

/** The recipient's side of a copy: `/copy` and `/api/copies` of their own server. */

/** Bytes of an archive in one request, where the browser brings it. */
export const copyPartSize = 4 * 1024 * 1024;

/** `POST /api/copies`: what the owner's server sent the browser back with. */
export const BeginCopySchema = Type.Object(
  {
    state: Type.String({ minLength: 1, maxLength: 100 }),
    ticket: Type.String({ minLength: 1, maxLength: 200 }),
    copy: Type.Optional(
      Type.Unknown({ description: "The owner's `copy.json`, where only the browser can reach the owner's server." }),
    ),
  },
  { additionalProperties: false },
);
export type BeginCopy = Static<typeof BeginCopySchema>;

/** Where a copy is. */
export const copyStates = ["shown", "downloading", "unpacking", "done", "failed"] as const;
export type CopyState = (typeof copyStates)[number];

export const CopyDifferenceSchema = Type.Object({
  what: Type.Enum(["image", "python"]),
  theirs: Type.String(),
  yours: Nullable(Type.String(), { description: "null: unknown." }),
});
export type CopyDifference = Static<typeof CopyDifferenceSchema>;

/** A copy that was shown to the recipient, or is being made. */
export const CopyProgressSchema = Type.Object({
  id: Type.String(),
  state: Type.Enum(copyStates),
  source: Type.String({ description: "Address of the share." }),
  to: Type.String({ description: "For the header `waiide-copy-target`." }),
  copy: CopySchema,
  folder: Type.String({ description: "Where the copy goes; absolute." }),
  differences: Type.Array(CopyDifferenceSchema),
  carried: Type.Boolean({ description: "Whether the browser must bring the archive." }),
  received: WholeNumber({ description: "Bytes of the archive so far." }),
  left_out: Type.Array(Type.String(), { description: "Links, which are not copied." }),
  set_aside: Type.Array(Type.String(), {
    description: "Files that would run something when the folder opens: stored under another name.",
  }),
  runs: Type.Array(CopyRunSchema, {
    description:
      "What programs would start by themselves: as the owner's server says, and once it is done, as the files say.",
  }),
  set_up: Type.Array(Type.String(), { description: "Commands that “Set up” runs; empty: it is not offered." }),
  problem: Type.Optional(Type.String({ description: "Why it failed." })),
});
export type CopyProgress = Static<typeof CopyProgressSchema>;

/** `GET /api/copies`: folders that are copies of what others shared. */
export const CopiesSchema = Type.Object({
  copies: Type.Array(
    Type.Object({
      id: Type.String(),
      folder: Type.String(),
      source: Type.String(),
      owner: Type.String(),
      made_at: Type.String({ format: "date-time" }),
      set_up: Type.Array(Type.String()),
      extensions: Type.Array(Type.String(), {
        description: "Ids of the owner's extensions, until the recipient has said which of them they want.",
      }),
    }),
  ),
});
export type Copies = Static<typeof CopiesSchema>;

/** `POST /api/copies/<id>/set-up`: what the recipient saw. */
export const SetUpCopySchema = Type.Object(
  { commands: Type.Array(Type.String(), { minItems: 1, description: "Exactly those that were shown." }) },
  { additionalProperties: false },
);

/** `POST /api/copies/take-set-up`, by the IDE that has opened the folder. */
export const TakeSetUpSchema = Type.Object({ folder: Type.String() }, { additionalProperties: false });
export const TakenSetUpSchema = Type.Object({
  commands: Type.Array(Type.String(), { description: "Empty: the recipient asked for nothing." }),
});
export type TakenSetUp = Static<typeof TakenSetUpSchema>;
