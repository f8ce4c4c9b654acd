import { type Command, Option } from "commander";
import type { ConfigInputs } from "../config/inputs.ts";
import type { SettingTable } from "../config/settings/setting.ts";
import { settings } from "../config/settings/settings.ts";

/** Options as Commander reads them. */
export type Flags = Readonly<Record<string, string | boolean>>;

/** Gives a command a flag for each setting. */
export function withSettings(command: Command, table: SettingTable = settings): Command {
  for (const [name, { description, schema }] of Object.entries(table)) {
    const isSwitch = (schema as { type?: string }).type === "boolean";
    command.addOption(new Option(isSwitch ? `--${name} [on|off]` : `--${name} <value>`, description));
  }
  return command;
}

/** The flags that are settings, by name: Commander has them in camel case. */
export function settingsOf(flags: Flags, table: SettingTable = settings): ConfigInputs["flags"] {
  const byAttribute = new Map(Object.keys(table).map((name) => [new Option(`--${name}`).attributeName(), name]));
  const named = new Map<string, string | boolean>();
  for (const [attribute, value] of Object.entries(flags)) {
    const name = byAttribute.get(attribute);
    if (name !== undefined) named.set(name, value);
  }
  return named;
}
