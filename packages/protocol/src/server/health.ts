import { type Static, Type } from "typebox";
import { IdeStateSchema } from "./status.ts";

/** `GET /api/health`: for probes. It tells nothing that a stranger must not know. */
export const HealthSchema = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("starting"), Type.Literal("failed")], {
    description: "ok: the IDE can be used. Answered with 200, failed with 503.",
  }),
  version: Type.String(),
  ide: IdeStateSchema,
});
export type Health = Static<typeof HealthSchema>;
