import type { Setting, SettingTable } from "./settings/setting.ts";

/** The fields of `Config` that a table of settings gives, `sharing.level` as `level` in `sharing`. */
export type ConfigOf<Table extends SettingTable> = {
  readonly [Name in keyof Table as FieldOf<KeyOf<Name, Table[Name]>>]: ValueOf<Table[Name]>;
} & {
  readonly [Group in GroupOf<KeysOf<Table>>]: {
    readonly [Name in keyof Table as FieldIn<Group, KeyOf<Name, Table[Name]>>]: ValueOf<Table[Name]>;
  };
};

type KeysOf<Table extends SettingTable> = { [Name in keyof Table]: KeyOf<Name, Table[Name]> }[keyof Table];

type KeyOf<Name, Row> =
  Row extends Setting<infer _Schema, infer _Default, infer _Value, infer Key>
    ? undefined extends Key
      ? CamelCase<Name & string>
      : Key
    : never;

type ValueOf<Row> = Row extends Setting<infer _Schema, infer _Default, infer Value, infer _Key> ? Value : never;

type FieldOf<Key> = Key extends `${string}.${string}` ? never : Key extends string ? Key : never;
type GroupOf<Key> = Key extends `${infer Group}.${string}` ? Group : never;
type FieldIn<Group extends string, Key> = Key extends `${Group}.${infer Field}` ? Field : never;

type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/** Puts every value into the field that its row names; rows with `key: null` have none. */
export function configOf<Table extends SettingTable>(
  table: Table,
  decided: (setting: Setting) => unknown,
): ConfigOf<Table> {
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const key = setting.key === undefined ? camelCase(name) : setting.key;
    if (key !== null) place(config, key.split("."), decided(setting));
  }
  return config as ConfigOf<Table>;
}

function place(target: Record<string, unknown>, [field = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[field] = value;
    return;
  }
  target[field] ??= {};
  place(target[field] as Record<string, unknown>, rest, value);
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());
}
