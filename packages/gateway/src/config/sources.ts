import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TSchema } from "typebox";
import Value from "typebox/value";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { homeFolder } from "../system/home-folder.ts";
import { appFault } from "./app-faults.ts";
import { parseJsonText } from "./json-text.ts";
import { AppSchema, type Setting, type SettingName, settingNames, settings, variableOf } from "./schema.ts";
import { suggest } from "./suggest.ts";

/** Where a value came from; later ones win. */
export type Source = "default" | "administrator's file" | "user's file" | "environment" | "flag";

/** One parsed value with its origin, e.g. `WAIIDE_PORT` or `/etc/waiide/config.json`. */
export interface SourcedValue {
  readonly value: unknown;
  readonly source: Source;
  readonly origin: string;
}

export type SourcedSettings = ReadonlyMap<SettingName, SourcedValue>;

/** Everything outside the process's own code that settings are read from. */
export interface ConfigInputs {
  readonly environment: NodeJS.ProcessEnv;
  /** Flags by setting name, as text, or true / false for switches. */
  readonly flags: ReadonlyMap<SettingName, string | boolean>;
  readonly administratorFile: string;
  readonly userFile: string;
  /** What was noticed on the way here, to be logged. */
  readonly warnings?: readonly string[];
  /** For commands that only look: what the hub says may be incomplete. */
  readonly tolerant?: boolean;
}

/** Variables with our prefix that are no settings: set by us for our children, or read by the image's entrypoint. */
const otherVariables = new Set([
  "WAIIDE_CONTROL_SOCKET",
  "WAIIDE_COMMAND_FOLDER",
  "WAIIDE_CHROMIUM",
  "WAIIDE_FIREFOX",
  "WAIIDE_CONTAINER",
  "WAIIDE_USER",
  "WAIIDE_SHARE",
]);

export function defaultInputs(flags: ConfigInputs["flags"], warnings: readonly string[] = []): ConfigInputs {
  const configHome = process.env.XDG_CONFIG_HOME || join(homeFolder(), ".config");
  return {
    environment: process.env,
    flags,
    administratorFile: "/etc/waiide/config.json",
    userFile: join(configHome, "waiide", "config.json"),
    warnings,
  };
}

/**
 * Reads all sources, later ones over earlier ones.
 * @throws GatewayError KEY_UNKNOWN, VARIABLE_UNKNOWN, SETTING_INVALID, SETTING_NOT_YOURS, CONFIG_UNREADABLE
 */
export function readSources(inputs: ConfigInputs): SourcedSettings {
  const values = new Map<SettingName, SourcedValue>();
  for (const name of settingNames) {
    const fallback = settings[name].default;
    if (fallback !== undefined) values.set(name, { value: fallback, source: "default", origin: "default" });
  }
  for (const [name, value] of readFile(inputs.administratorFile, "administrator's file")) values.set(name, value);
  const later = new Map<SettingName, SourcedValue>([
    ...readHubEnvironment(inputs.environment),
    ...readEnvironment(inputs.environment),
    ...readFlags(inputs.flags),
  ]);
  // The user's file cannot say that it is to be read: what is over it and under it decides.
  const isKeptOut = (later.get("disable-user-config") ?? values.get("disable-user-config"))?.value === true;
  if (!isKeptOut) for (const [name, value] of readFile(inputs.userFile, "user's file")) values.set(name, value);
  for (const [name, value] of later) values.set(name, value);
  return values;
}

function* readFlags(flags: ConfigInputs["flags"]): Generator<[SettingName, SourcedValue]> {
  for (const [name, text] of flags) {
    yield [name, { value: parseText(name, text, `--${name}`), source: "flag", origin: `--${name}` }];
  }
}

/** What a hub says by a variable of its own (`c.Spawner.disable_user_config`). */
function* readHubEnvironment(environment: NodeJS.ProcessEnv): Generator<[SettingName, SourcedValue]> {
  const origin = "JUPYTERHUB_DISABLE_USER_CONFIG";
  if (/^(1|true|yes|on)$/i.test(environment[origin] ?? "")) {
    yield ["disable-user-config", { value: true, source: "environment", origin }];
  }
}

function* readFile(file: string, source: Source): Generator<[SettingName, SourcedValue]> {
  for (const [key, value] of Object.entries(readJsonObject(file))) {
    if (!isSettingName(key)) {
      throw new GatewayError("KEY_UNKNOWN", { name: key, file, suggestion: suggest(key, settingNames) });
    }
    if (source === "user's file" && settings[key].setBy !== "user") {
      throw new GatewayError("SETTING_NOT_YOURS", { name: key, file });
    }
    yield [key, { value: check(key, value, file), source, origin: file }];
  }
}

function readJsonObject(file: string): Record<string, unknown> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new GatewayError("CONFIG_UNREADABLE", { file, reason: reasonOf(error) });
  }
  try {
    return asObject(parseJsonText(bytes));
  } catch (error) {
    throw new GatewayError("CONFIG_UNREADABLE", { file, reason: reasonOf(error) });
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error("it does not hold a JSON object");
}

function* readEnvironment(environment: NodeJS.ProcessEnv): Generator<[SettingName, SourcedValue]> {
  const byVariable = new Map(settingNames.map((name) => [variableOf(name), name]));
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith("WAIIDE_") || otherVariables.has(variable) || text === undefined) continue;
    const name = byVariable.get(variable);
    if (name === undefined) {
      throw new GatewayError("VARIABLE_UNKNOWN", {
        name: variable,
        suggestion: suggest(variable, [...byVariable.keys()]),
      });
    }
    yield [name, { value: parseText(name, text, variable), source: "environment", origin: variable }];
  }
}

function isSettingName(key: string): key is SettingName {
  return Object.hasOwn(settings, key);
}

/** Whether a flag or variable may have this text. */
export function isValidText(name: SettingName, text: string | boolean): boolean {
  try {
    parseText(name, text, "");
    return true;
  } catch (error) {
    if (error instanceof GatewayError) return false;
    throw error;
  }
}

/** Turns the text of a flag or variable into the type its schema asks for. */
function parseText(name: SettingName, text: string | boolean, origin: string): unknown {
  if (typeof text === "boolean") return check(name, text, origin);
  const type = (settings[name].schema as TSchema & { type?: string }).type;
  switch (type) {
    case "integer":
      return check(name, /^\d+$/.test(text) ? Number(text) : text, origin);
    case "boolean":
      return check(name, parseSwitch(text), origin);
    case "array":
      return check(name, splitList(text), origin);
    case "object":
      return check(name, parseObject(name, text, origin), origin);
    default:
      return check(name, text, origin);
  }
}

function parseSwitch(text: string): boolean | string {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  return text;
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function parseObject(name: SettingName, text: string, origin: string): unknown {
  try {
    return asObject(parseJsonText(text.trimStart().startsWith("{") ? Buffer.from(text) : readFileSync(text)));
  } catch (error) {
    throw new GatewayError("SETTING_INVALID", { name, source: origin, reason: reasonOf(error) });
  }
}

function check(name: SettingName, value: unknown, origin: string): unknown {
  const setting: Setting = settings[name];
  const fault = name === "apps" ? appFault(value, Object.keys(AppSchema.properties)) : undefined;
  if (fault !== undefined) throw new GatewayError("SETTING_INVALID", { name, source: origin, reason: fault });
  const first = Value.Errors(setting.schema, value)[0];
  if (first === undefined) return value;
  const place = first.instancePath === "" ? "" : `${first.instancePath.slice(1).replaceAll("/", ".")} `;
  // Objects may hold keys of apps, so their content is not repeated.
  const shown = setting.secret || typeof value === "object" ? "" : ` (it is ${JSON.stringify(value).slice(0, 100)})`;
  throw new GatewayError("SETTING_INVALID", {
    name,
    source: origin,
    reason: `${place}${describe(first, setting)}${shown}`,
  });
}

function describe(error: { keyword: string; message: string; params: object }, setting: Setting): string {
  const choices = (setting.schema as { anyOf?: { const?: unknown }[] }).anyOf?.map((choice) => choice.const);
  if (choices !== undefined) return `must be one of ${choices.join(", ")}`;
  if (error.keyword === "additionalProperties") {
    const { additionalProperties } = error.params as { additionalProperties: string[] };
    return `has the unknown key ${additionalProperties.join(", ")}`;
  }
  return error.message;
}
