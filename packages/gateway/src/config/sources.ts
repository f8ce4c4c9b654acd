import { readFileSync } from "node:fs";
import { hasCode } from "../base/error-code.ts";
import { GatewayError, reasonOf } from "../base/errors.ts";
import type { ConfigInputs, Source, SourcedSettings, SourcedValue } from "./inputs.ts";
import { parseJsonObject } from "./json-text.ts";
import { checked, parseText } from "./parse-setting.ts";
import { environmentVariable, type SettingTable } from "./settings/setting.ts";
import { suggest } from "./suggest.ts";

/** Variables with our prefix that are not settings: the gateway sets them for its children, or the image reads them. */
const otherVariables = new Set([
  "WAIIDE_CONTROL_SOCKET",
  "WAIIDE_COMMAND_FOLDER",
  "WAIIDE_CHROMIUM",
  "WAIIDE_FIREFOX",
  "WAIIDE_CONTAINER",
  "WAIIDE_USER",
  "WAIIDE_SHARE",
]);

type Named = [name: string, value: SourcedValue];

/**
 * Reads all sources, later ones over earlier ones.
 * @throws GatewayError KEY_UNKNOWN, VARIABLE_UNKNOWN, SETTING_INVALID, SETTING_NOT_YOURS, CONFIG_UNREADABLE
 */
export function readSources(inputs: ConfigInputs, table: SettingTable): SourcedSettings {
  const reader = new SourceReader(table);
  const earlier = new Map([...reader.defaults(), ...reader.file(inputs.administratorFile, "administrator's file")]);
  const later = new Map([
    ...reader.hubEnvironment(inputs.environment),
    ...reader.environment(inputs.environment),
    ...reader.flags(inputs.flags),
  ]);
  // The user's file cannot decide that it is read: only the other sources count.
  const isKeptOut = (later.get("disable-user-config") ?? earlier.get("disable-user-config"))?.value === true;
  const users = isKeptOut ? [] : reader.file(inputs.userFile, "user's file");
  return new Map([...earlier, ...users, ...later]);
}

class SourceReader {
  readonly #table: SettingTable;

  constructor(table: SettingTable) {
    this.#table = table;
  }

  *defaults(): Generator<Named> {
    for (const [name, setting] of Object.entries(this.#table)) {
      if (setting.default === undefined) continue;
      yield [name, { value: setting.default, source: "default", origin: "default" }];
    }
  }

  *flags(flags: ConfigInputs["flags"]): Generator<Named> {
    for (const [name, text] of flags) {
      const setting = this.#table[name];
      if (setting === undefined) throw new Error(`There is no setting “${name}”.`);
      const origin = `--${name}`;
      yield [name, { value: parseText({ name, setting, origin }, text), source: "flag", origin }];
    }
  }

  /** What a hub says by a variable of its own (`c.Spawner.disable_user_config`). */
  *hubEnvironment(environment: NodeJS.ProcessEnv): Generator<Named> {
    const origin = "JUPYTERHUB_DISABLE_USER_CONFIG";
    if (/^(1|true|yes|on)$/i.test(environment[origin] ?? "")) {
      yield ["disable-user-config", { value: true, source: "environment", origin }];
    }
  }

  *environment(environment: NodeJS.ProcessEnv): Generator<Named> {
    const byVariable = new Map(
      Object.entries(this.#table).map(([name, setting]) => [environmentVariable(name, setting), { name, setting }]),
    );
    for (const [origin, text] of Object.entries(environment)) {
      if (!origin.startsWith("WAIIDE_") || otherVariables.has(origin) || text === undefined) continue;
      const found = byVariable.get(origin);
      if (found === undefined) {
        throw new GatewayError("VARIABLE_UNKNOWN", {
          name: origin,
          suggestion: suggest(origin, [...byVariable.keys()]),
        });
      }
      yield [found.name, { value: parseText({ ...found, origin }, text), source: "environment", origin }];
    }
  }

  *file(origin: string, source: Source): Generator<Named> {
    for (const [name, value] of Object.entries(readJsonObject(origin))) {
      const setting = Object.hasOwn(this.#table, name) ? this.#table[name] : undefined;
      if (setting === undefined) {
        throw new GatewayError("KEY_UNKNOWN", {
          name,
          file: origin,
          suggestion: suggest(name, Object.keys(this.#table)),
        });
      }
      if (source === "user's file" && setting.setBy !== "user") {
        throw new GatewayError("SETTING_NOT_YOURS", { name, file: origin });
      }
      yield [name, { value: checked({ name, setting, origin }, value), source, origin }];
    }
  }
}

function readJsonObject(file: string): Record<string, unknown> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return {};
    throw new GatewayError("CONFIG_UNREADABLE", { file, reason: reasonOf(error) });
  }
  try {
    return parseJsonObject(bytes);
  } catch (error) {
    throw new GatewayError("CONFIG_UNREADABLE", { file, reason: reasonOf(error) });
  }
}
