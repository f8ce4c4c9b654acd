import type { Command } from "commander";
import { codeServerVersion } from "../ide/install/distributions.ts";
import type { CompressFlags } from "./ide-compress.ts";
import type { InstallFlags } from "./ide-install.ts";

/** Adds “waiide ide”, whose code is loaded when it runs. */
export function registerIdeCommand(program: Command): void {
  const ide = program.command("ide").description("manage the IDE server, the VS Code that WAIIDE serves");
  ide
    .command("install")
    .description("install an IDE server and compress its static files")
    .option(
      "--from <source>",
      `npm (code-server ${codeServerVersion}), a folder, or a .tar.gz of a VS Code server`,
      "npm",
    )
    .option("--to <folder>", "folder to install it in (default: where WAIIDE looks for it)")
    .option("--force", "install again, even if the same version is installed")
    .action(async (flags: InstallFlags) => (await import("./ide-install.ts")).install(flags));
  ide
    .command("compress")
    .description("compress the static files of an IDE server that “ide install” did not install")
    .option("--ide-server <folder>", "the IDE server (default: the one that WAIIDE would start)")
    .option("--to <folder>", "folder for the compressed files (default: .compressed in the IDE server's folder)")
    .action(async (flags: CompressFlags) => (await import("./ide-compress.ts")).compress(flags));
}
