import { Command, CommanderError, Option } from "commander";
import { GatewayError } from "../base/errors.ts";
import { version } from "../base/version.ts";
import { type SettingName, settingNames, settings } from "../config/schema.ts";
import { type ConfigInputs, defaultInputs } from "../config/sources.ts";
import { suggest } from "../config/suggest.ts";
import { registerHubServiceCommand } from "./hub-service.ts";
import { registerIdeCommand } from "./ide.ts";
import { registerShareCommand } from "./share.ts";

/** Runs the gateway; it stands above the commands. */
export type Serve = (inputs: ConfigInputs) => Promise<void>;

/**
 * The `waiide` command. Sub-commands load their code when they run: serving starts faster for it.
 * @param warnings what was noticed about the command line, to be logged
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
  withSettings(program.command("doctor").description("check everything and say what to fix"))
    .option("--json", "as one JSON object")
    .action(async ({ json, ...flags }: Flags) =>
      (await import("../doctor/doctor.ts")).doctor(tolerantInputsOf(flags), json === true),
    );
  withSettings(
    program.command("health").description("ask the running gateway; exit code 0 if the IDE can be used"),
  ).action(async (flags: Flags) => (await import("./health.ts")).health(tolerantInputsOf(flags)));
  withSettings(program.command("config").description("print every setting with its value and source"))
    .option("--json", "as one JSON object")
    .action(async ({ json, ...flags }: Flags) =>
      (await import("./config.ts")).printConfig(tolerantInputsOf(flags), json === true),
    );
  registerIdeCommand(program);
  registerShareCommand(program);
  registerHubServiceCommand(program);
  return program;
}

type Flags = Readonly<Record<string, string | boolean>>;

function withSettings(command: Command): Command {
  for (const name of settingNames) {
    const { description, schema } = settings[name];
    const isSwitch = (schema as { type?: string }).type === "boolean";
    command.addOption(new Option(isSwitch ? `--${name} [on|off]` : `--${name} <value>`, description));
  }
  return command;
}

/** Commander's camel case back to the settings' names. */
function settingsOf(flags: Flags): ConfigInputs["flags"] {
  const byAttribute = new Map(settingNames.map((name) => [new Option(`--${name}`).attributeName(), name]));
  const named = new Map<SettingName, string | boolean>();
  for (const [attribute, value] of Object.entries(flags)) {
    const name = byAttribute.get(attribute);
    if (name !== undefined) named.set(name, value);
  }
  return named;
}

/** Commander's own errors in the table's words; `--help` and `--version` are none. */
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

/** Commander begins in lower case and ends with a full stop or without one. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!)]$/.test(text) ? "" : "."}`;
}
