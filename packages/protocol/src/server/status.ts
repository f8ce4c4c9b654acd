import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

/** `failed`: it crashed too often, and is restarted on request only. */
export const IdeStateSchema = Type.Union(
  [Type.Literal("stopped"), Type.Literal("starting"), Type.Literal("ready"), Type.Literal("failed")],
  { description: "State of the IDE server." },
);
export type IdeState = Static<typeof IdeStateSchema>;

/** `GET /api/status`: what the gateway is doing; the starting page polls it. */
export const StatusSchema = Type.Object({
  started_at: Type.String({ format: "date-time" }),
  last_activity: Type.String({ format: "date-time", description: "When a person last did something." }),
  activity_source: Type.String({ description: "Where activity in the IDE is reported from, in words." }),
  shutting_down_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()], {
    description: "When the gateway stops unless somebody is active; null: not soon.",
  }),
  connections: WholeNumber({ description: "Open WebSockets." }),
  untrusted_proxy: Type.Optional(
    Type.String({ description: "Address of a proxy that forwards requests and is not in trusted-proxies." }),
  ),
  ide: Type.Object({
    state: IdeStateSchema,
    phase: Type.String({ description: "What it is doing, in words." }),
    restarts: WholeNumber({ description: "Restarts since the gateway started." }),
    log: Type.Array(Type.String(), { description: "Its last lines." }),
    failed_extensions: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), reason: Type.String() }), {
        description: "Extensions of the settings that the last start could not install, and why.",
      }),
    ),
  }),
});
export type Status = Static<typeof StatusSchema>;
