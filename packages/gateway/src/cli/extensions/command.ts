import type { Command } from "commander";
import type { InstallExtensionsFlags } from "./extension-commands.ts";

/** Adds “waiide extensions”, whose code is loaded when it runs. */
export function registerExtensionsCommand(program: Command): void {
  const extensions = program.command("extensions").description("manage the extensions of the IDE");
  extensions
    .command("list")
    .description("list what is installed, with versions")
    .action(async () => (await commands()).list());
  extensions
    .command("install")
    .description("install extensions; pages that are open may need a reload")
    .argument(
      "<extension...>",
      "ids from the gallery, such as ms-python.python or ms-python.python@1.2.3, or .vsix files",
    )
    .option("--force", "install again, and replace a newer version")
    .action(async (names: string[], flags: InstallExtensionsFlags) => (await commands()).install(names, flags));
  extensions
    .command("uninstall")
    .description("uninstall extensions")
    .argument("<extension...>", "their ids")
    .action(async (names: string[]) => (await commands()).uninstall(names));
}

function commands() {
  return import("./extension-commands.ts");
}
