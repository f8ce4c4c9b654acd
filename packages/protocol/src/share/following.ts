import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

const Line = WholeNumber({ minimum: 1 });
const Column = WholeNumber({ minimum: 1 });

/** What a person sees of their file, for those who follow them: lines and columns of the text that they have, from 1. */
export const ViewSchema = Type.Object(
  {
    first: WholeNumber({ minimum: 1, description: "The first line on their screen." }),
    last: WholeNumber({ minimum: 1, description: "The last one." }),
    selection: Type.Tuple([Line, Column, Line, Column], {
      description: "Line and column where their selection began, and where the caret is.",
    }),
  },
  { additionalProperties: false },
);
export type View = Static<typeof ViewSchema>;

/** A session of the same share; `owner`: the owner. */
export const FollowedSchema = Type.String({ pattern: "^[\\w-]{1,64}$" });

/** What the gateway says besides of a person's place. */
export const PlaceFields = {
  is_owner: Type.Optional(Type.Literal(true, { description: "It is the owner, whose `session` is `owner`." })),
  is_elsewhere: Type.Optional(
    Type.Literal(true, { description: "They are in a file that is not shared; its name stays unknown." }),
  ),
};

/** The owner, as a session. */
export const ownerSession = "owner";

/** A guest asks everybody in the share to follow them; each may decline. */
export const InvitedMessage = Type.Object(
  { type: Type.Literal("invited"), session: Type.String(), name: Type.String() },
  { description: "This person asks to be followed." },
);
export type Invited = Static<typeof InvitedMessage>;
