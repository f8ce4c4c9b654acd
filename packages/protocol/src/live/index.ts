export { ChangeSet, Text } from "@codemirror/state";
