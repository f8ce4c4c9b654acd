import { Type } from "typebox";
import { field } from "../schema/record-fields.ts";
import { WholeNumber } from "../schema/whole-number.ts";

/** The events of a share. `refuse` is recorded at most once a minute for each share, with a count. */
export const auditEvents = [
  "create",
  "change",
  "link",
  "request",
  "accept",
  "decline",
  "enter",
  "leave",
  "refuse",
  "write",
  "take",
  "send-copy",
  "propose",
  "accept-proposal",
  "decline-proposal",
  "say",
  "comment",
  "resolve-comments",
  "delete-comment",
  "lower-guest",
  "remove-guest",
  "expire",
  "revoke",
  "kill",
  "show-terminal",
  "stop-terminal",
  "open-app",
  "close-app",
  "start-app",
  "pause-app",
  "resume-app",
] as const;
export type AuditEvent = (typeof auditEvents)[number];

const Event = Type.Enum(auditEvents);
/** Never a secret. */
const DetailsSchema = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
);

/**
 * The columns of the audit: the store's table and the API's answers follow from this list alone. A new column is a row here
 * and a migration (`store/schema.ts` in the gateway).
 */
export const auditFields = {
  /** Given by the store, growing with time. */
  id: field({ record: WholeNumber(), view: { id: WholeNumber() }, show: (id) => ({ id }) }),
  /** Milliseconds since 1970 in records, ISO 8601 in answers. */
  at: field({
    record: WholeNumber(),
    view: { at: Type.String({ format: "date-time" }) },
    show: (at) => ({ at: new Date(at).toISOString() }),
  }),
  event: field({ record: Event, view: { event: Event }, show: (event) => ({ event }) }),
  share: field({ record: Type.String(), view: { share: Type.String() }, show: (share) => ({ share }) }),
  who: field({
    record: Type.String(),
    view: {
      who: Type.String({
        description:
          "The owner's name, a guest's name and session, an administrator through which service, or “gateway”.",
      }),
    },
    show: (who) => ({ who }),
  }),
  details: field({
    record: DetailsSchema,
    json: true,
    view: { details: DetailsSchema },
    show: (details) => ({ details }),
  }),
};
