import { type Static, Type } from "typebox";

/** Whether webviews (notebook outputs, previews) have an origin of their own, apart from the IDE's page. */
export const WebviewStateSchema = Type.Object(
  {
    separated: Type.Union([Type.Boolean(), Type.Null()], {
      description:
        "Whether they have an origin of their own, in the owner's page that was opened last; null: none was yet.",
    }),
    reason: Type.Optional(Type.String({ description: "Why not." })),
  },
  { description: "If not, a script in a file that the owner views runs as the owner." },
);
export type WebviewState = Static<typeof WebviewStateSchema>;
