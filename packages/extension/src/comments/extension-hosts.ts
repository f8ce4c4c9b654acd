import { commands } from "vscode";

/**
 * Resolves when all extension hosts of the window run. A host that starts makes VS Code forget the comments of those that already
 * run (mainThreadComments.ts, its constructor). VS Code runs a command once all hosts have been told that it will
 * (commandService.ts): this one does nothing, and our manifests name it as a reason to start.
 */
export async function allHostsRun(): Promise<void> {
  await commands.executeCommand("noop");
}
