import { type Static, Type } from "typebox";

/** `GET /api/services`: every service that can be opened here. */
export const ServicesSchema = Type.Object({
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String(),
      url: Type.String({ description: "Path with the base URL, ends with a slash." }),
      state: Type.Union([
        Type.Literal("stopped"),
        Type.Literal("starting"),
        Type.Literal("ready"),
        Type.Literal("failed"),
      ]),
    }),
  ),
});
export type Services = Static<typeof ServicesSchema>;
