import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

const Count = WholeNumber({ minimum: 0 });

/** `POST /api/activity`: activity in one window of the owner's IDE, reported by the extension (RULES R20). */
export const ActivityReportSchema = Type.Object(
  {
    window: Type.String({
      minLength: 1,
      maxLength: 64,
      description: "Random, the same for as long as the window is open.",
    }),
    person: Type.Boolean({ description: "Whether a person did something there since the last report." }),
    terminals: Type.Array(WholeNumber({ minimum: 1 }), {
      maxItems: 1000,
      description: "Process ids of the shells in its terminals; programs that they started count as work.",
    }),
    work: Type.Object(
      {
        tasks: Type.Optional(Count),
        debugging: Type.Optional(Count),
        cells: Type.Optional(Count),
      },
      { additionalProperties: false, description: "Number of running tasks, debug sessions and notebook cells." },
    ),
    command_socket: Type.Optional(
      Type.String({
        pattern: "^/",
        maxLength: 200,
        description: "The unix socket on which the window takes what the command “code” opens.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type ActivityReport = Static<typeof ActivityReportSchema>;

export const ActivityAnswerSchema = Type.Object({
  report_every: Type.Number({ description: "Maximum seconds until the next report." }),
});
export type ActivityAnswer = Static<typeof ActivityAnswerSchema>;

/** `GET /api/activity/windows`: the windows of the owner's IDE that can open files, the one used last first. */
export const IdeWindowsSchema = Type.Object({
  windows: Type.Array(Type.Object({ command_socket: Type.String() })),
});
export type IdeWindowList = Static<typeof IdeWindowsSchema>;

/** `ending` of `GET /api/activity/events`: the server stops for want of activity; `staying` cancels that. */
export interface EndingEvent {
  /** ISO 8601. */
  readonly ends_at: string;
}
