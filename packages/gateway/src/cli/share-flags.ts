import { type CreateProperties, type RecordFields, shareFields } from "@waiide/protocol";
import { type Command, Option } from "commander";
import type { Static, TObject, TSchema } from "typebox";
import { GatewayError } from "../base/errors.ts";

interface FieldFlag {
  /** The field's name in a request. */
  readonly field: string;
  readonly option: Option;
  readonly schema: TSchema;
}

type SchemaType = "string" | "integer" | "boolean";
const placeholders: Readonly<Record<SchemaType, string>> = { string: " <text>", integer: " <number>", boolean: "" };

/** Gives “waiide share create” a flag for each field of a share that a request sets. */
export function withShareFields(command: Command, fields: RecordFields = shareFields): Command {
  for (const { option } of flagsOf(fields)) command.addOption(option);
  return command;
}

/**
 * The fields of a request that were given as flags.
 * @throws GatewayError USAGE for what is no number
 */
export function fieldsOfFlags<Fields extends RecordFields = typeof shareFields>(
  flags: object,
  fields?: Fields,
): Static<TObject<CreateProperties<Fields>>> {
  const given = flags as Readonly<Record<string, string | boolean | undefined>>;
  const values = flagsOf(fields ?? shareFields).flatMap(({ field, option, schema }) => {
    const value = given[option.attributeName()];
    if (value === undefined) return [];
    return [[field, typeOf(schema) === "integer" ? parseNumber(option.long ?? "", String(value)) : value]];
  });
  return Object.fromEntries(values);
}

/** @throws GatewayError USAGE */
export function parseNumber(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new GatewayError("USAGE", { reason: `${flag} must be a whole number.` });
  return Number(text);
}

function flagsOf(fields: RecordFields): FieldFlag[] {
  return Object.values(fields).flatMap(({ asked }) => {
    const description = asked?.flag;
    if (asked === undefined || description === undefined) return [];
    return Object.entries(asked.create).map(([field, schema]) => {
      const flag = `--${field.replaceAll("_", "-")}${placeholders[typeOf(schema)]}`;
      return { field, schema, option: new Option(flag, description) };
    });
  });
}

function typeOf(schema: TSchema): SchemaType {
  return (schema as { type?: SchemaType }).type ?? "string";
}
