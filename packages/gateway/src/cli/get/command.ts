import type { Command } from "commander";
import type { GetFlags } from "./get.ts";

/** Adds “waiide get”, whose code is loaded when it runs. */
export function registerGetCommand(program: Command): void {
  program
    .command("get")
    .description("make your own copy of what somebody shares, where they permit it")
    .argument("[link]", "the link of the share (default: asks for it, so that it is in no list of processes)")
    .option("--to <folder>", "the new folder (default: one in this folder, with the name of what is shared)")
    .option("--as <name>", "your name, which the owner sees (default: your user name)")
    .option("--yes", "confirm without asking")
    .action(async (link: string | undefined, flags: GetFlags) => (await import("./get.ts")).get(link, flags));
}
