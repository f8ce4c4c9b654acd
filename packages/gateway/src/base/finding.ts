import { type Static, Type } from "typebox";

/** One finding of `waiide doctor`. A `problem` keeps WAIIDE from working; a `warning` makes it worse. */
export const FindingSchema = Type.Object({
  check: Type.String(),
  result: Type.Union([Type.Literal("ok"), Type.Literal("warning"), Type.Literal("problem")]),
  message: Type.String(),
  action: Type.Optional(Type.String({ description: "What to do; only where there is something to do." })),
});
export type Finding = Static<typeof FindingSchema>;

export function ok(check: string, message: string): Finding {
  return { check, result: "ok", message };
}
