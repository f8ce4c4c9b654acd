import { Command, CommanderError } from "commander";
import { GatewayError } from "../base/errors.ts";
import { version } from "../base/version.ts";
import { type ConfigInputs, defaultInputs } from "../config/inputs.ts";
import { settingNames } from "../config/settings/settings.ts";
import { suggest } from "../config/suggest.ts";
import { registerCodeCommand } from "./code/command.ts";
import { registerEnvironmentCommand } from "./environment/command.ts";
import { registerExtensionsCommand } from "./extensions/command.ts";
import { registerGetCommand } from "./get/command.ts";
import { registerHubServiceCommand } from "./hub-service.ts";
import { registerIdeCommand } from "./ide.ts";
import { type Flags, settingsOf, withSettings } from "./setting-flags.ts";
import { registerShareCommand } from "./share.ts";

/** Runs the gateway. Passed in, because it stands above the commands. */
export type Serve = (inputs: ConfigInputs) => Promise<void>;

/**
 * The `waiide` command. Subcommands load their code when they run, so that serving starts faster.
 * @param warnings about the command line, logged at start
 */
export function createProgram(serve: Serve, warnings: readonly string[] = []): Command {
  const inputsOf = (flags: Flags) => defaultInputs(settingsOf(flags), warnings);
  const tolerantInputsOf = (flags: Flags) => ({ ...inputsOf(flags), tolerant: true });
  const program = new Command("waiide")
    .description("VS Code in the browser, behind JupyterHub or on one machine.")
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => {} });

  withSettings(program.command("serve", { isDefault: true }).description("run the gateway (default)")).action(
    (flags: Flags) => serve(inputsOf(flags)),
  );
  withSettings(program.command("doctor").description("check the installation and say what to fix"))
    .option("--json", "as one JSON object")
    .action(async ({ json, ...flags }: Flags) =>
      (await import("../doctor/doctor.ts")).doctor(tolerantInputsOf(flags), json === true),
    );
  withSettings(program.command("health").description("exit code 0 if the gateway runs and its IDE can be used")).action(
    async (flags: Flags) => (await import("./health.ts")).health(tolerantInputsOf(flags)),
  );
  withSettings(program.command("config").description("print every setting with its value and where it comes from"))
    .option("--json", "as one JSON object")
    .action(async ({ json, ...flags }: Flags) =>
      (await import("./config.ts")).printConfig(tolerantInputsOf(flags), json === true),
    );
  program
    .command("hash-password")
    .description("make the value of --hashed-password: asks for the password, or reads it from standard input")
    .action(async () => (await import("./hash-password.ts")).hashPassword());
  registerCodeCommand(program);
  registerExtensionsCommand(program);
  registerIdeCommand(program);
  registerShareCommand(program);
  registerEnvironmentCommand(program);
  registerGetCommand(program);
  registerHubServiceCommand(program);
  return program;
}

/** Turns Commander's errors into errors of our table; `--help` and `--version` are not errors. */
export async function run(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    throw asGatewayError(error);
  }
}

function asGatewayError(error: CommanderError): GatewayError {
  const name = /'(-[^']*)'/.exec(error.message)?.[1];
  if (error.code === "commander.unknownOption" && name !== undefined) {
    const suggestion = suggest(name, [
      ...settingNames.map((setting) => `--${setting}`),
      "--help",
      "--version",
      "--json",
    ]);
    return new GatewayError("FLAG_UNKNOWN", { name, suggestion });
  }
  return new GatewayError("USAGE", { reason: sentence(error.message.replace(/^error: /, "")) });
}

/** Commander's messages begin in lower case, and only some end with a full stop. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!)]$/.test(text) ? "" : "."}`;
}
