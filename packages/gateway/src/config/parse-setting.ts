import { readFileSync } from "node:fs";
import type { TSchema } from "typebox";
import Value from "typebox/value";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { parseJsonObject } from "./json-text.ts";
import type { Setting } from "./settings/setting.ts";

/** A setting with its name, and where its text or value comes from, for errors. */
export interface Place {
  readonly name: string;
  readonly setting: Setting;
  readonly origin: string;
}

/** Whether a flag or variable may have this text. */
export function isValidText(name: string, setting: Setting, text: string | boolean): boolean {
  try {
    parseText({ name, setting, origin: "" }, text);
    return true;
  } catch (error) {
    if (error instanceof GatewayError) return false;
    throw error;
  }
}

/**
 * Turns the text of a flag or variable into the type that its schema asks for.
 * @throws GatewayError SETTING_INVALID
 */
export function parseText(place: Place, text: string | boolean): unknown {
  if (typeof text === "boolean") return checked(place, text);
  switch ((place.setting.schema as TSchema & { type?: string }).type) {
    case "integer":
      return checked(place, /^\d+$/.test(text) ? Number(text) : text);
    case "boolean":
      return checked(place, parseSwitch(text));
    case "array":
      return checked(place, splitList(text));
    case "object":
      return checked(place, parseObject(place, text));
    default:
      return checked(place, text);
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

function parseObject(place: Place, text: string): unknown {
  try {
    return parseJsonObject(text.trimStart().startsWith("{") ? Buffer.from(text) : readFileSync(text));
  } catch (error) {
    throw invalid(place, reasonOf(error));
  }
}

/**
 * The value, if the setting may have it.
 * @throws GatewayError SETTING_INVALID
 */
export function checked(place: Place, value: unknown): unknown {
  const { setting } = place;
  const fault = setting.fault?.(value);
  if (fault !== undefined) throw invalid(place, fault);
  const first = Value.Errors(setting.schema, value)[0];
  if (first === undefined) return value;
  const where = first.instancePath === "" ? "" : `${first.instancePath.slice(1).replaceAll("/", ".")} `;
  // Not repeated: objects may hold the keys of apps.
  const shown = setting.secret || typeof value === "object" ? "" : ` (it is ${JSON.stringify(value).slice(0, 100)})`;
  throw invalid(place, `${where}${describe(first, setting)}${shown}`);
}

function invalid({ name, origin }: Place, reason: string): GatewayError {
  return new GatewayError("SETTING_INVALID", { name, source: origin, reason });
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
