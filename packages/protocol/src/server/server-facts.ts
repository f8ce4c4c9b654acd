import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";
import { WebviewStateSchema } from "./webview-state.ts";

/** `GET /api/server`: facts about this server, for its owner. */
export const ServerFactsSchema = Type.Object({
  version: Type.String({ description: "WAIIDE's." }),
  environment: Type.Union([Type.Literal("jupyterhub"), Type.Literal("standalone")]),
  user: Type.Union([Type.String(), Type.Null()], {
    description: "The owner's user name at the hub; null without a hub.",
  }),
  server_name: Type.String({ description: "Empty for the default server." }),
  hub: Type.Union(
    [
      Type.Object({
        version: Type.Union([Type.String(), Type.Null()]),
        home: Type.Union([Type.String(), Type.Null()], {
          description: "URL of the hub's home page; null until the owner's browser has shown where it is.",
        }),
      }),
      Type.Null(),
    ],
    { description: "Null without a hub." },
  ),
  memory: Type.Object({
    used: Type.Union([WholeNumber(), Type.Null()], { description: "Bytes, of the whole container; null: not known." }),
    limit: Type.Union([WholeNumber(), Type.Null()], { description: "Bytes; null: no known limit." }),
  }),
  cpu_limit: Type.Union([Type.Number(), Type.Null()], { description: "CPUs; null: no known limit." }),
  webviews: Type.Optional(WebviewStateSchema),
  restricted_mode: Type.Optional(
    Type.Boolean({ description: "Whether pages open folders in VS Code's Restricted Mode." }),
  ),
  idle_timeout: WholeNumber({ description: "Seconds without activity until it stops; 0: never." }),
});
export type ServerFacts = Static<typeof ServerFactsSchema>;

/** `GET /api/server/log`: the last lines of the gateway's log and of the IDE server's. */
export const ServerLogSchema = Type.Object({ gateway: Type.Array(Type.String()), ide: Type.Array(Type.String()) });
export type ServerLog = Static<typeof ServerLogSchema>;

/** `GET /api/server/doctor`: what `waiide doctor` prints. */
export const DoctorReportSchema = Type.Object({ text: Type.String() });
export type DoctorReport = Static<typeof DoctorReportSchema>;
