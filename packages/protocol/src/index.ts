export {
  type AccessAnswer,
  type AccessQuestion,
  type AccessScope,
  type AccessTarget,
  type Actor,
  computeAccess,
  type Operation,
  operations,
  type Refusal,
  type ShareState,
  shareStates,
} from "./access.ts";
export {
  type ActivityAnswer,
  ActivityAnswerSchema,
  type ActivityReport,
  ActivityReportSchema,
  type EndingEvent,
} from "./activity.ts";
export { counted } from "./counted.ts";
export {
  type DurationPart,
  setDuration,
  setDurationWords,
  timeLeft,
  timeLeftWords,
  untilNextTimeLeft,
} from "./duration.ts";
export { type ErrorBody, ErrorBodySchema } from "./error-body.ts";
export { guestName } from "./guest-name.ts";
export { isBelow, parseGuestPath } from "./guest-path.ts";
export { type Health, HealthSchema } from "./health.ts";
export {
  type IdePageHub,
  type IdePageSettings,
  type IdePageShare,
  type IdePageState,
  type KeeperMessage,
  keeperChannel,
  loginEnded,
  pageProof,
  serverEnds,
} from "./ide-page.ts";
export {
  isWithin,
  type Level,
  LevelSchema,
  levelOf,
  levels,
  levelWords,
  type Permission,
  type PermissionName,
  PermissionNameSchema,
  PermissionSchema,
} from "./level.ts";
export {
  type GuestWrites,
  GuestWritesSchema,
  type OwnerSave,
  type OwnerSaveAnswer,
  OwnerSaveAnswerSchema,
  OwnerSaveSchema,
} from "./owner-save.ts";
export {
  type DoctorReport,
  DoctorReportSchema,
  type ServerFacts,
  ServerFactsSchema,
  type ServerLog,
  ServerLogSchema,
} from "./server-facts.ts";
export { type Services, ServicesSchema } from "./services.ts";
export * from "./session.ts";
export * from "./shares.ts";
export { sizeInWords } from "./size.ts";
export { type IdeState, type Status, StatusSchema } from "./status.ts";
export { isUnambiguousJson } from "./unambiguous-json.ts";
export { type WebviewState, WebviewStateSchema } from "./webview-state.ts";
export { WholeNumber } from "./whole-number.ts";
export { type WorkbenchManifest, WorkbenchManifestSchema } from "./workbench.ts";
