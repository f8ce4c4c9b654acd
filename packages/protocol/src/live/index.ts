export { ChangeSet, Text } from "@codemirror/state";
export * from "./change.ts";
export * from "./live-client.ts";
export type * from "./live-messages.ts";
export * from "./own-undo.ts";
export * from "./selection-window.ts";
export * from "./slow-editor.ts";
export * from "./text-diff.ts";
export * from "./text-hash.ts";
