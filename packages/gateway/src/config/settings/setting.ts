import { type Static, type TLiteral, type TSchema, type TUnion, Type } from "typebox";
import type { HubSettings } from "../hub-settings.ts";
import type { ConfigInputs } from "../inputs.ts";

/** Values of settings cannot be changed. */
type Frozen<Value> = Value extends readonly (infer Item)[] ? readonly Item[] : Value;

/** What the sources say: the type of the schema, `undefined` only where there is no default. */
export type Given<Schema extends TSchema, Default> =
  | Frozen<Static<Schema>>
  | (undefined extends Default ? undefined : never);

/**
 * One row of the table of settings: everything about one setting. Its flag, variable, key in the configuration files, field
 * of `Config`, and rows in the documentation, in “waiide config” and in “waiide doctor” follow from it.
 */
export interface Setting<
  Schema extends TSchema = TSchema,
  Default = unknown,
  Value = unknown,
  Key extends string | null | undefined = string | null | undefined,
> {
  readonly schema: Schema;
  /** Absent: nothing, or decided at start as the description says. */
  readonly default?: Default;
  /** What it means, for `--help` and docs/reference/settings.md. */
  readonly description: string;
  /** Users may only set what is theirs in their own configuration file. Administrators may set everything. */
  readonly setBy: "administrator" | "user";
  /** “waiide config” shows `***`, and the IDE and apps do not get the variable. */
  readonly secret?: true;
  /** The environment variable, where it is not the name in capitals. */
  readonly variable?: string;
  /** The hub decides instead: behind a hub a value that is set has no effect, and a warning says so. */
  readonly standaloneOnly?: true;
  /** The field of `Config`, such as `sharing.level`; absent: the name in camel case; null: for other settings only. */
  readonly key?: Key;
  /** The reason why a value is wrong, where it says more than the schema can. It sees any value, before the schema does. */
  fault?(value: unknown): string | undefined;
  /** Turns what the sources say into the value in force. Absent: it stays as it is. */
  decide?(given: Given<Schema, Default>, context: Context): Value;
  /** The value as “waiide config” shows it. */
  show?(value: Value): unknown;
  /** A warning to log at start, and for “waiide doctor”. */
  warn?(value: Value, context: Context): string | undefined;
}

/** What a decision may depend on besides the setting's own value. */
export interface Context {
  readonly inputs: ConfigInputs;
  readonly isBehindHub: boolean;
  /** Undefined without a hub, or where its variables could not be read. */
  readonly hub: HubSettings | undefined;
  /** What the sources say about a setting. */
  given<Schema extends TSchema, Default>(setting: Setting<Schema, Default>): Given<Schema, Default>;
  /** The value in force of a setting. */
  value<Value>(setting: Setting<TSchema, unknown, Value>): Value;
  /** Whether a source other than the default says something. */
  isSet(setting: Setting): boolean;
}

/** Any part of the table, by name. */
export type SettingTable = Readonly<Record<string, Setting>>;

/** Checks a row, and keeps its types for `Config`. */
export function setting<
  Schema extends TSchema,
  const Default extends Frozen<Static<Schema>> | undefined = undefined,
  Value = Given<Schema, Default>,
  const Key extends string | null | undefined = undefined,
>(row: Setting<Schema, Default, Value, Key>): Setting<Schema, Default, Value, Key> {
  return row;
}

/** Schema of lists of texts. */
export const TextList = Type.Array(Type.String({ minLength: 1 }));

type Literals<Words extends readonly string[]> = Words extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? [TLiteral<First>, ...Literals<Rest>]
  : [];

/** Schema of one of a few words. */
export function OneOf<const Words extends readonly string[]>(...words: Words): TUnion<Literals<Words>> {
  return Type.Union(words.map((word) => Type.Literal(word))) as unknown as TUnion<Literals<Words>>;
}

/** `ide-listen` → `WAIIDE_IDE_LISTEN`, unless the row names another variable. */
export function environmentVariable(name: string, { variable }: Setting): string {
  return variable ?? `WAIIDE_${name.replaceAll("-", "_").toUpperCase()}`;
}
