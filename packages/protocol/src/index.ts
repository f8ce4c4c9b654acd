export * from "./live/live-messages.ts";
export * from "./live/requests.ts";
export * from "./live/window-people.ts";
export * from "./schema/record-fields.ts";
export { isUnambiguousJson } from "./schema/unambiguous-json.ts";
export { WholeNumber } from "./schema/whole-number.ts";
export {
  type ActivityAnswer,
  ActivityAnswerSchema,
  type ActivityReport,
  ActivityReportSchema,
  type EndingEvent,
  type IdeWindowList,
  IdeWindowsSchema,
} from "./server/activity.ts";
export * from "./server/copies.ts";
export { type ErrorBody, ErrorBodySchema } from "./server/error-body.ts";
export { type Health, HealthSchema } from "./server/health.ts";
export {
  type IdePageHub,
  type IdePageSettings,
  type IdePageShare,
  type IdePageState,
  type KeeperMessage,
  keeperChannel,
  loginEnded,
  pageProof,
  type SignOutMessage,
  serverEnds,
  signOutChannel,
} from "./server/ide-page.ts";
export {
  type DoctorReport,
  DoctorReportSchema,
  type ServerFacts,
  ServerFactsSchema,
  type ServerLog,
  ServerLogSchema,
} from "./server/server-facts.ts";
export { type Services, ServicesSchema } from "./server/services.ts";
export { type IdeState, type Status, StatusSchema } from "./server/status.ts";
export { type WebviewState, WebviewStateSchema } from "./server/webview-state.ts";
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
} from "./share/access.ts";
export * from "./share/apps.ts";
export { type AuditEvent, auditEvents, auditFields } from "./share/audit-fields.ts";
export * from "./share/comments.ts";
export * from "./share/commit.ts";
export * from "./share/copy.ts";
export * from "./share/files/guest-changes.ts";
export {
  type GuestWrites,
  GuestWritesSchema,
  type OwnerSave,
  type OwnerSaveAnswer,
  OwnerSaveAnswerSchema,
  OwnerSaveSchema,
} from "./share/files/owner-save.ts";
export * from "./share/following.ts";
export { guestName } from "./share/guest-name.ts";
export { isBelow, parseGuestPath } from "./share/guest-path.ts";
export {
  type FileLevel,
  FileLevelSchema,
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
} from "./share/level.ts";
export { type ReadOnlyReason, readOnlyReasons } from "./share/read-only-reasons.ts";
export { type Scope, ScopeSchema } from "./share/scope.ts";
export * from "./share/session.ts";
export * from "./share/session-close.ts";
export { maxNoteLength, shareFields } from "./share/share-fields.ts";
export * from "./share/shares.ts";
export * from "./share/talk.ts";
export * from "./share/terminal-watch.ts";
export { type WorkbenchManifest, WorkbenchManifestSchema } from "./share/workbench.ts";
export { guestAppFacts, mayConfirm, ownerAppFacts } from "./words/app-words.ts";
export { counted } from "./words/counted.ts";
export {
  type DurationPart,
  setDuration,
  setDurationWords,
  timeLeft,
  timeLeftWords,
  untilNextTimeLeft,
} from "./words/duration.ts";
export { type TextPiece, textPieces } from "./words/links.ts";
export {
  guestsOnline,
  type RecipientFacts,
  recipientFacts,
  type ScopeFacts,
  scopeFacts,
} from "./words/share-facts.ts";
export { sizeInWords } from "./words/size.ts";
