import { type Static, Type } from "typebox";
import { changeProperties, createProperties, viewProperties } from "../schema/record-fields.ts";
import { WholeNumber } from "../schema/whole-number.ts";
import { WebviewStateSchema } from "../server/webview-state.ts";
import { AppRequestSchema, appPolicies, SharedAppSchema } from "./apps.ts";
import { auditFields } from "./audit-fields.ts";
import { CommitRequestSchema, getKinds } from "./commit.ts";
import { LevelSchema, PermissionNameSchema, PermissionSchema } from "./level.ts";
import { Line, type Scope, Show } from "./scope.ts";
import { shareFields } from "./share-fields.ts";

/** Schemas of `/api/share/*` (DESIGN §3.3). Times are ISO 8601 in UTC, lives in seconds. */

/** Seconds: the default life of a share, and the minimum. */
export const defaultLife = 86_400;
export const minLife = 60;
/** A hundred years: a longer life must be “never”. */
export const maxLife = 3_155_760_000;

const Expiry = Type.Union([WholeNumber({ minimum: minLife, maximum: maxLife }), Type.Null()], {
  description: "Whole seconds from now, at least 60 and at most a hundred years; null: never. Default 86400.",
});
/** Named people (DESIGN §3.3): a user of the hub, or the members of one of its groups. */
const HubName = Type.String({ minLength: 1, maxLength: 255, pattern: "^[^\\u0000-\\u001f/]+$" });
export const RecipientSchema = Type.Union(
  [
    Type.Object({ user: HubName }, { additionalProperties: false }),
    Type.Object({ group: HubName }, { additionalProperties: false }),
  ],
  { description: "A user or a group of the hub; nobody else can join." },
);
export type Recipient = Static<typeof RecipientSchema>;

export const CreateShareSchema = Type.Object(
  {
    permission: PermissionSchema,
    expires_in: Type.Optional(Expiry),
    root: Type.Optional(Type.String({ minLength: 1, description: "Folder; default: the workspace." })),
    file: Type.Optional(
      Type.String({ minLength: 1, description: "A file or folder, relative to the root; default: all of the root." }),
    ),
    line: Type.Optional(WholeNumber({ minimum: 1, description: "From 1; with end_line, a selection of lines." })),
    col: Type.Optional(WholeNumber({ minimum: 0, description: "From 0; where the selection begins in its line." })),
    end_line: Type.Optional(Line),
    end_col: Type.Optional(WholeNumber({ minimum: 0, description: "From 0; where it ends, exclusive." })),
    opens: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "For a workspace or folder: the file that guests see first, relative to the root. Default: the README of what is shared.",
      }),
    ),
    show: Show,
    commit: Type.Optional(CommitRequestSchema),
    app: Type.Optional(AppRequestSchema),
    ...createProperties(shareFields),
    with: Type.Optional(RecipientSchema),
    confirm_survey: Type.Optional(
      Type.String({
        maxLength: 64,
        description: "With `commit.get` “history”: the `hash` of the survey that you confirm; another one gets 409.",
      }),
    ),
    confirm: Type.Optional(
      Type.Boolean({
        description: "Required to confirm Terminal Access, an app that runs code, and a whole home folder.",
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [
      { permission: "View Only", expires_in: 3600, note: "Review" },
      { permission: "Full Access", expires_in: null, file: "src/model.py", line: 10, end_line: 42 },
      { permission: "Use the App", app: { port: 8501 } },
      { permission: "View Only", copy: { files: true, settings: [], extensions: true } },
    ],
  },
);
export type CreateShare = Static<typeof CreateShareSchema>;

export const ChangeShareSchema = Type.Object(
  {
    permission: Type.Optional(PermissionSchema),
    expires_in: Type.Optional(Expiry),
    get: Type.Optional(
      Type.Enum(getKinds, {
        description: "Of a shared commit: what guests may take with them; only less than before.",
      }),
    ),
    ...changeProperties(shareFields),
  },
  { additionalProperties: false, minProperties: 1, examples: [{ permission: "View Only" }, { expires_in: 3600 }] },
);
export type ChangeShare = Static<typeof ChangeShareSchema>;

export const GuestSchema = Type.Object({
  session: Type.String({ description: "Identifies this guest, for removing them." }),
  name: Type.String(),
  entered_at: Type.String({ format: "date-time" }),
  present: Type.Boolean({ description: "Whether the guest has a page open now." }),
  permission: PermissionNameSchema,
  level: Type.Union(LevelSchema.anyOf, {
    description: "The share's, unless the owner lowered it for this guest's visit.",
  }),
  hub_user: Type.Union([Type.String(), Type.Null()], {
    description: "The hub's user who logged in; null: unknown, the guest chose the name.",
  }),
});
export type Guest = Static<typeof GuestSchema>;

/** `PATCH /api/share/<id>/guests/<session>`: for the rest of their visit; the level can only be lowered. */
export const LowerGuestSchema = Type.Object(
  { permission: PermissionSchema },
  { additionalProperties: false, examples: [{ permission: "View Only" }] },
);
export type LowerGuest = Static<typeof LowerGuestSchema>;

/** Somebody who waits to be let in. */
export const JoinRequestSchema = Type.Object({
  request: Type.String({ description: "Identifies this request, for accepting or declining it." }),
  name: Type.String(),
  asked_at: Type.String({ format: "date-time" }),
  hub_user: Type.Union([Type.String(), Type.Null()], {
    description: "The hub's user who logged in; null: unknown, the guest chose the name.",
  }),
});
export type JoinRequest = Static<typeof JoinRequestSchema>;

/** Whether guests need the owner's approval: as each share says, or in any case. */
export const approvalPolicies = ["optional", "always"] as const;
export type ApprovalPolicy = (typeof approvalPolicies)[number];

export const ShareSchema = Type.Object({
  ...viewProperties(shareFields),
  with: Type.Union([RecipientSchema, Type.Null()], { description: "null: anyone with the link." }),
  app: Type.Optional(SharedAppSchema),
  guests: Type.Array(GuestSchema),
  requests: Type.Array(JoinRequestSchema, { description: "People who wait until the owner accepts them." }),
});
export type Share = Static<typeof ShareSchema>;

/** Only the answer that creates a share or a link contains the link: the gateway stores a hash of its secret. */
export const CreatedShareSchema = Type.Object({
  ...ShareSchema.properties,
  url: Type.String({ format: "uri" }),
  hub_access: Type.Optional(
    Type.Object(
      { granted: Type.Boolean(), reason: Type.Optional(Type.String()) },
      { description: "With named people: whether the hub lets them log in here, and why not." },
    ),
  ),
});
export type CreatedShare = Static<typeof CreatedShareSchema>;

export const NewLinkSchema = Type.Object(
  {
    end_old: Type.Optional(
      Type.Boolean({ description: "Revoke the earlier links and disconnect their guests. Default false." }),
    ),
  },
  { additionalProperties: false },
);
export type NewLink = Static<typeof NewLinkSchema>;

export const ShareListSchema = Type.Object({ shares: Type.Array(ShareSchema) });
export type ShareList = Static<typeof ShareListSchema>;

const NameGroups = Type.Array(
  Type.Object({ title: Type.String(), why: Type.String(), names: Type.Array(Type.String()) }),
  { description: "The list, grouped by why each name is on it; names that an administrator added come last." },
);

export const ShareInfoSchema = Type.Object({
  sharing_available: Type.Boolean(),
  reason: Type.Optional(Type.String({ description: "Why sharing is not available." })),
  environment: Type.Union([Type.Literal("jupyterhub"), Type.Literal("standalone")]),
  user: Type.String(),
  server_name: Type.String(),
  workspace: Type.String(),
  public_url: Type.Union([Type.String(), Type.Null()], {
    description: "The origin of links; null: not known yet.",
  }),
  levels: Type.Array(
    Type.Object({
      level: LevelSchema,
      permission: PermissionNameSchema,
      promise: Type.String(),
      allowed: Type.Boolean(),
      reason: Type.Optional(Type.String()),
      allowed_named: Type.Optional(Type.Boolean({ description: "Whether it may be shared with named people." })),
      longest_life: Type.Union([WholeNumber(), Type.Null()], { description: "Seconds; null: no limit." }),
    }),
  ),
  most_shares: WholeNumber(),
  links: Type.Optional(Type.Boolean({ description: "Whether there may be links at all." })),
  terminals: Type.Optional(Type.Boolean({ description: "Whether the owner may show a terminal to guests." })),
  copies: Type.Optional(Type.Boolean({ description: "Whether others may be allowed to make their own copy." })),
  apps: Type.Optional(
    Type.Enum(appPolicies, {
      description: "Which running apps may be shared: none, those of the configuration, or those on any port too.",
    }),
  ),
  hub_users_only: Type.Optional(Type.Boolean({ description: "Whether guests with a link must log in at the hub." })),
  approval: Type.Optional(
    Type.Enum(approvalPolicies, {
      description: "Whether the owner must accept each guest: as a share says, or always.",
    }),
  ),
  talk: Type.Optional(Type.Boolean({ description: "Whether people in a share may write messages to each other." })),
  hidden: Type.Array(Type.String(), { description: "Never visible to guests." }),
  protected: Type.Array(Type.String(), { description: "Never written by Full Access guests." }),
  hidden_groups: Type.Optional(NameGroups),
  protected_groups: Type.Optional(NameGroups),
  webviews: Type.Optional(WebviewStateSchema),
  hub_tokens: Type.Optional(
    Type.Object(
      { available: Type.Boolean(), reason: Type.Optional(Type.String()) },
      { description: "Whether the hub lists links with tokens, and why not; absent without a hub." },
    ),
  ),
});
export type ShareInfo = Static<typeof ShareInfoSchema>;

/** `GET /api/share/overview`: what the administrators' page shows about one server. */
export const ShareOverviewSchema = Type.Object({
  version: Type.String({ description: "WAIIDE's." }),
  ...Type.Pick(ShareInfoSchema, [
    "sharing_available",
    "reason",
    "levels",
    "most_shares",
    "links",
    "hub_users_only",
    "approval",
    "talk",
    "copies",
    "apps",
  ]).properties,
  shares: Type.Array(ShareSchema),
});
export type ShareOverview = Static<typeof ShareOverviewSchema>;

export const RevokedSchema = Type.Object({
  revoked: WholeNumber({ description: "How many shares ended." }),
  guests: WholeNumber({ description: "How many guests were disconnected." }),
  made_during: Type.Optional(
    Type.Array(Type.String(), {
      description:
        "If there are any: shares that guests of this Terminal Access share may have made. They stay active unless the request also ended them.",
    }),
  ),
});
export type Revoked = Static<typeof RevokedSchema>;

/** The data of a `survivors` event: processes of an ended Terminal Access share that may still run. */
export interface SurvivorsEvent {
  /** The share. */
  readonly id: string;
  /** How many could not be killed. */
  readonly left: number;
  /** How many may be the owner's own, and were left running. */
  readonly unjudged: number;
}

/** The data of a `stopped` event: somebody other than the owner ended a share. */
export interface StoppedEvent {
  /** The share. */
  readonly id: string;
  readonly by: "administrator" | "hub";
  readonly permission: Static<typeof PermissionNameSchema>;
  readonly scope: Scope;
}

/** The data of a `paused` event: another program listens on the port of a shared app. */
export interface PausedEvent {
  /** The share. */
  readonly id: string;
  /** What people call the app. */
  readonly title: string;
  /** The program that listens now, as its command line; strangers' text. */
  readonly program: string;
}

export const AuditEntrySchema = Type.Object(viewProperties(auditFields));
export type AuditEntry = Static<typeof AuditEntrySchema>;

export const AuditSchema = Type.Object({
  entries: Type.Array(AuditEntrySchema),
  next: Type.Union([WholeNumber(), Type.Null()], { description: "`before` for the next, older page; null: no more." }),
});
export type Audit = Static<typeof AuditSchema>;

/** The link's secret. Shares with named people have none: the hub's login admits them. */
const Secret = Type.String({ minLength: 1, maxLength: 200 });

/** `POST /share/<id>/enter`. */
export const EnterSchema = Type.Object(
  {
    secret: Type.Optional(Secret),
    name: Type.Optional(Type.String({ maxLength: 200 })),
    waiting: Type.Optional(
      Type.String({
        maxLength: 200,
        description: "From the answer before: the guest waits for the owner to accept them.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type Enter = Static<typeof EnterSchema>;

/** The answer to `enter` while the guest waits for the owner: ask again at once, with `waiting`. */
export const WaitingSchema = Type.Object({ waiting: Type.String() });
export type Waiting = Static<typeof WaitingSchema>;

/** `POST /share/<id>/look`: what a link leads to, before the guest joins. */
export const LookSchema = Type.Object({ secret: Type.Optional(Secret) }, { additionalProperties: false });
export type Look = Static<typeof LookSchema>;

export const LandingSchema = Type.Object({
  owner: Type.String(),
  what: Type.String({ description: "The scope, in words." }),
  level: LevelSchema,
  permission: PermissionNameSchema,
  promise: Type.String({ description: "What the guest can do, in plain words." }),
  expires_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  hub_user: Type.Union([Type.String(), Type.Null()], {
    description: "The hub's user as whom the guest joins; null: the guest enters a name.",
  }),
  approval: Type.Boolean({ description: "Whether the owner must accept the guest first." }),
});
export type Landing = Static<typeof LandingSchema>;
