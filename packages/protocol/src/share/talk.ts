import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

/** The conversation of a share: plain text of the owner and of guests. Names and times are the gateway's (RULES R17). */

/** Characters. */
export const maxMessageLength = 2_000;

/** Messages of one answer to `talk`. */
export const talkPageLength = 100;

/** Of a regular expression's class: control characters but line breaks and tabs. */
const controls = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f";

/**
 * Not only blanks; no control characters but line breaks and tabs. Blanks, one other character, anything: with a lookahead instead,
 * tools that make up texts for the schema take minutes for a long one.
 */
export const MessageText = Type.String({
  minLength: 1,
  maxLength: maxMessageLength,
  pattern: `^[^\\S\\u000b-\\u000d]*[^\\s${controls}][^${controls}]*$`,
  description: "Plain text, at most 2,000 characters.",
});

export const TalkMessageSchema = Type.Object({
  id: WholeNumber({ description: "Growing with time." }),
  at: Type.String({ format: "date-time" }),
  session: Type.Union([Type.String(), Type.Null()], { description: "The guest's; null: the owner." }),
  name: Type.String(),
  hub_user: Type.Union([Type.String(), Type.Null()], {
    description: "The hub's user who logged in; null: unknown, the guest chose the name.",
  }),
  color: Type.String({ description: "CSS color of a guest, chosen by the gateway; empty: the owner." }),
  text: Type.String(),
});
export type TalkMessage = Static<typeof TalkMessageSchema>;

export const RepeatKey = Type.String({
  minLength: 8,
  maxLength: 64,
  description: "Chosen by the page: a repeated request with the same key writes nothing twice.",
});

/** The owner's. */
export const SaySchema = Type.Object({ text: MessageText }, { additionalProperties: false });
export type Say = Static<typeof SaySchema>;

/** A guest's. */
export const GuestSaySchema = Type.Object(
  { text: MessageText, key: RepeatKey },
  { additionalProperties: false, description: "Writes a message into the conversation of the share." },
);
export const ReadTalkSchema = Type.Object(
  { before: Type.Optional(WholeNumber({ minimum: 1, description: "Only messages older than this one." })) },
  { additionalProperties: false, description: "The newest messages of the conversation, up to 100, oldest first." },
);

export const TalkPageSchema = Type.Object({
  messages: Type.Array(TalkMessageSchema),
  more: Type.Boolean({ description: "Whether there are older ones." }),
});
export type TalkPage = Static<typeof TalkPageSchema>;

/** The event of the session, and of the owner's stream, which also names the share. */
export const SaidMessageSchema = Type.Object(
  { type: Type.Literal("said"), message: TalkMessageSchema },
  { description: "Somebody wrote a message into the conversation." },
);

/** The data of a `said` event of the owner's stream. */
export interface SaidEvent {
  readonly share: string;
  readonly message: TalkMessage;
}
