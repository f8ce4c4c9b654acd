/**
 * Test files that take minutes, the longest first; those that mostly wait stand between those that compute. Where vitest has no
 * durations of an earlier run it goes by file size, and one of these can then run alone at the end.
 */
export const longFiles: readonly string[] = [
  "test/hub/activity.test.ts",
  "test/standalone/start.test.ts",
  "test/extension/commands.test.ts",
  "test/hub/logins-end.test.ts",
  "test/install/install.test.ts",
  "test/ide/webviews.test.ts",
  "test/ide/clean-page.test.ts",
  "test/ide/owner-connection.test.ts",
  "test/hub/docs.test.ts",
  "test/hub/one-origin.test.ts",
  "test/hub/browser.test.ts",
  "test/share/fuzz.test.ts",
  "test/hub/extension.test.ts",
  "test/hub-sharing/two-people.test.ts",
  "test/hub/server-stopped.test.ts",
  "test/hub/login.test.ts",
  "test/hub-sharing/any-hub.test.ts",
  "test/hub-sharing/versions.test.ts",
  "test/share/links.test.ts",
  "test/share/terminal-access.test.ts",
  "test/hub/arguments.test.ts",
  "test/live/crash.test.ts",
  "packages/gateway/test/integration/share/store/kill.test.ts",
  "packages/workbench/test/integration/page/notebook.test.ts",
  "packages/gateway/test/integration/proxy/flat-memory.test.ts",
];
