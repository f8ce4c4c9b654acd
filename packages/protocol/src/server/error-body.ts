import { type Static, Type } from "typebox";

/** The answer to a program whose request was refused or failed. */
export const ErrorBodySchema = Type.Object({
  error: Type.Object({
    code: Type.String({ description: "One of docs/reference/errors.md, e.g. IDE_STARTING." }),
    message: Type.String({ description: "What happened and why." }),
    action: Type.String({ description: "What to do about it." }),
    field: Type.Optional(Type.String({ description: "Which part of the request is wrong." })),
  }),
});
export type ErrorBody = Static<typeof ErrorBodySchema>;
