import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

/** Requests and their answers, of guests' pages and of windows of Terminal Access guests. */

const strict = { additionalProperties: false } as const;

/** Why a request failed, and what each code means. */
export const sessionErrorMeanings = {
  NOT_FOUND: "There is no such file, or it is hidden or outside the scope.",
  DENIED: "The share's level, a list or the file itself does not permit this.",
  CONFLICT: "The file has another version than the one that was named.",
  OUTDATED: "The position of the selection is not certain.",
  UNSAFE: "The owner's IDE would run a part of the text by showing it.",
  EXISTS: "There is already a file or folder of this name.",
  NOT_EMPTY: "The folder has entries.",
  NOT_A_FILE: "It is a folder, or no regular file.",
  TOO_LARGE: "The file, text or answer is larger than the limit.",
  NO_SPACE: "The disk is full, or the quota is used up.",
  BUSY: "Too many requests at once.",
  INVALID: "The request does not have the form that its schema asks for.",
  CANCELLED: "`cancel` ended it.",
  FAILED: "Something else went wrong; the gateway's log says what.",
} as const;
export type SessionErrorCode = keyof typeof sessionErrorMeanings;
export const sessionErrors = Object.keys(sessionErrorMeanings) as SessionErrorCode[];

export const RequestMessageSchema = Type.Object(
  {
    type: Type.Literal("request"),
    id: WholeNumber({ minimum: 0 }),
    method: Type.String(),
    params: Type.Unknown(),
  },
  { ...strict, description: "A request; its `id` comes back with the answer." },
);
export type RequestMessage = Static<typeof RequestMessageSchema>;

export const ResponseMessageSchema = Type.Object(
  { type: Type.Literal("response"), id: WholeNumber(), result: Type.Unknown() },
  { description: "The result of the request with this `id`." },
);
export const ErrorMessageSchema = Type.Object(
  {
    type: Type.Literal("error"),
    id: WholeNumber(),
    error: Type.Object({
      code: Type.Enum(sessionErrors),
      message: Type.String(),
      version: Type.Optional(Type.String({ description: "The file's version, with CONFLICT." })),
    }),
  },
  { description: "The request with this `id` failed." },
);
export type ErrorMessage = Static<typeof ErrorMessageSchema>;
