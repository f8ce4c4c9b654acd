import { type Static, Type } from "typebox";
import { Nullable } from "../schema/record-fields.ts";
import { WholeNumber } from "../schema/whole-number.ts";

/** Which apps an administrator lets owners share, narrowest first. */
export const appPolicies = ["off", "configured", "ports"] as const;
export type AppPolicy = (typeof appPolicies)[number];

/**
 * The rights of a shared app's page (RULES R31). Without `allow-same-origin` its origin is opaque; without
 * `allow-top-navigation` it cannot replace the page around it; windows that it opens are not sandboxed, and the gateway makes
 * a page of its own out of each that would show the app.
 */
export const appSandbox =
  "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads";

const Port = WholeNumber({ minimum: 1, maximum: 65535, description: "The port that the app listens on." });
const AppName = Type.String({ minLength: 1, maxLength: 255, description: "An app of the configuration." });
const StartPath = Type.String({
  pattern: "^/[^\\u0000-\\u0020\\u007f\\\\]*$",
  maxLength: 2000,
  description: "Where guests begin, below the app. Default: /.",
});
const options = {
  guests_start: Type.Optional(
    Type.Boolean({
      description: "Whether guests may start an app of the configuration that is stopped. Default: true.",
    }),
  ),
  keeps_server: Type.Optional(
    Type.Boolean({ description: "Whether guests who use the app keep the server from being idle. Default: false." }),
  ),
  names: Type.Optional(
    Type.Boolean({ description: "Whether the app is told guests' names, in X-Waiide-Guest. Default: false." }),
  ),
};

/** `app` of a request that creates a share. */
export const AppRequestSchema = Type.Union(
  [
    Type.Object({ port: Port, path: Type.Optional(StartPath), ...options }, { additionalProperties: false }),
    Type.Object({ name: AppName, path: Type.Optional(StartPath), ...options }, { additionalProperties: false }),
  ],
  { description: "With “Use the App”: the running app, by its port or by its name in the configuration." },
);
export type AppRequest = Static<typeof AppRequestSchema>;

/** What identifies the program behind a port: another one in its place is not what the owner shared. */
export const ProgramSchema = Type.Object({
  uid: WholeNumber(),
  executable: Type.String(),
  arguments: Type.Array(Type.String()),
  folder: Type.String(),
});
export type Program = Static<typeof ProgramSchema>;

/** The app in a share's record. */
export const StoredAppSchema = Type.Object({
  port: Nullable(WholeNumber()),
  name: Nullable(Type.String()),
  path: Type.String(),
  guestsStart: Type.Boolean(),
  keepsServer: Type.Boolean(),
  names: Type.Boolean(),
  /** Its users can run code as the owner: it counts as Terminal Access. */
  runsCode: Type.Boolean(),
  /** Of a port. */
  program: Nullable(ProgramSchema),
});
export type StoredApp = Static<typeof StoredAppSchema>;

/** `paused`: another program listens on its port, and the owner has not said yet that it is meant. */
export const appStates = ["ready", "stopped", "starting", "failed", "paused"] as const;
export type SharedAppState = (typeof appStates)[number];
const State = Type.Enum(appStates);
const Reason = Type.String({ description: "Why it is not ready, in words; empty where it is." });

/** A shared app in the owner's API. */
export const SharedAppSchema = Type.Object(
  {
    port: Type.Optional(WholeNumber()),
    name: Type.Optional(Type.String()),
    title: Type.String({ description: "What people call it." }),
    path: Type.String({ description: "Where guests begin." }),
    runs_code: Type.Boolean({ description: "Its guests can run code as you, as with Terminal Access." }),
    guests_start: Type.Boolean(),
    keeps_server: Type.Boolean(),
    names: Type.Boolean(),
    state: State,
    reason: Reason,
  },
  { description: "Of “Use the App”; absent for all other levels." },
);
export type SharedApp = Static<typeof SharedAppSchema>;

/** The app in a guest's `welcome`. */
export const AppWelcomeSchema = Type.Object(
  {
    address: Type.String({
      description: "Path with the base URL at which this page shows the app; ends with a slash, and with this session.",
    }),
    own_address: Type.Optional(
      Type.String({
        description:
          "Address on a host of the app's own, where it has an origin; ends with a slash. “enter-app” lets this browser in there. Absent: it is sealed.",
      }),
    ),
    title: Type.String(),
    path: Type.String({ description: "Where the page begins, relative to the address." }),
    may_start: Type.Boolean({ description: "Whether guests may start it." }),
    state: State,
    reason: Reason,
  },
  { description: "With “Use the App”." },
);
export type AppWelcome = Static<typeof AppWelcomeSchema>;

export const AppMessage = Type.Object(
  { type: Type.Literal("app"), state: State, reason: Reason },
  { description: "The shared app has stopped, or runs again." },
);

const strict = { additionalProperties: false } as const;

/** Requests of a session about the app that is shared. */
export const appMethods = {
  "start-app": {
    params: Type.Object({}, { ...strict, description: "Starts the shared app, where the owner lets guests do so." }),
    result: Type.Object({}),
  },
  "keep-app": {
    params: Type.Object(
      { address: Type.String({ maxLength: 4096 }) },
      {
        ...strict,
        description:
          "After a reconnection: the address of an earlier `welcome` stays good, so that the app need not be loaded again. NOT_FOUND: it is over.",
      },
    ),
    result: Type.Object({}),
  },
  "enter-app": {
    params: Type.Object({}, { ...strict, description: "Asks for a ticket to the app's own host." }),
    result: Type.Object({
      ticket: Type.String({
        description:
          "Good once, for half a minute: the page posts it to `/~waiide/enter` there, which sets the cookie of that host.",
      }),
    }),
  },
} as const;
