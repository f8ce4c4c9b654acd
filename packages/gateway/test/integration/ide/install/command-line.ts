// The command line of `waiide ide …` alone, in a process of its own: `node command-line.ts install …`.
import { Command } from "commander";
import { GatewayError } from "../../../../src/base/errors.ts";
import { registerIdeCommand } from "../../../../src/cli/ide.ts";

const program = new Command("waiide");
registerIdeCommand(program);
try {
  await program.parseAsync(["ide", ...process.argv.slice(2)], { from: "user" });
} catch (error) {
  if (!(error instanceof GatewayError)) throw error;
  console.error(`${error.message} ${error.action}`);
  process.exitCode = error.exit;
}
