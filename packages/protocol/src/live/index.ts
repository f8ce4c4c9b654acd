export { ChangeSet, Text } from "@codemirror/state";
export * from "./change.ts";
export * from "./live-client.ts";
export * from "./own-undo.ts";
export * from "./selection-window.ts";
export * from "./slow-editor.ts";
export * from "./text-diff.ts";
