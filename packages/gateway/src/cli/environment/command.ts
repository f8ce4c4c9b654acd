import type { Command } from "commander";
import type { EnvironmentFlags } from "./environment.ts";

/** Adds “waiide environment”, whose code is loaded when it runs. */
export function registerEnvironmentCommand(program: Command): void {
  program
    .command("environment")
    .description("show what would describe a folder's environment in a copy, such as its devcontainer.json")
    .option("--root <folder>", "the folder (default: the workspace)")
    .option("--settings <keys>", "settings, by key: python.testing.pytestEnabled,editor.rulers")
    .option("--write", "write the files that are missing, such as .devcontainer/devcontainer.json; none is replaced")
    .option("--json", "as one JSON object")
    .action(async (flags: EnvironmentFlags) => (await import("./environment.ts")).environment(flags));
}
