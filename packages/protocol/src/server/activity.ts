import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

const Count = WholeNumber({ minimum: 0 });

/** `POST /api/activity`: what goes on in one window of the owner's IDE, told by the extension in it (RULES R20). */
export const ActivityReportSchema = Type.Object(
  {
    window: Type.String({
      minLength: 1,
      maxLength: 64,
      description: "Random, the same for as long as the window is open.",
    }),
    person: Type.Boolean({ description: "Somebody did something there since the last report." }),
    terminals: Type.Array(WholeNumber({ minimum: 1 }), {
      maxItems: 1000,
      description: "Process ids of the shells in its terminals; what runs below them is work.",
    }),
    work: Type.Object(
      {
        tasks: Type.Optional(Count),
        debugging: Type.Optional(Count),
        cells: Type.Optional(Count),
      },
      { additionalProperties: false, description: "How much else runs: tasks, debug sessions, notebook cells." },
    ),
  },
  { additionalProperties: false },
);
export type ActivityReport = Static<typeof ActivityReportSchema>;

export const ActivityAnswerSchema = Type.Object({
  report_every: Type.Number({ description: "Seconds until the next report at the latest." }),
});
export type ActivityAnswer = Static<typeof ActivityAnswerSchema>;

/** `ending` of `GET /api/activity/events`: nobody has done anything for long; `staying` takes it back. */
export interface EndingEvent {
  /** ISO 8601. */
  readonly ends_at: string;
}
