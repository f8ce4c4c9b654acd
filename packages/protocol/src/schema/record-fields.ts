import { type Static, type TProperties, type TSchema, Type } from "typebox";

/** Facts for the audit, and for everyone who shows a record in a table. Never a secret. */
export type Details = Readonly<Record<string, string | number | boolean | null>>;

/** How requests set a field. */
export interface Asked {
  /** The field in a request that makes the record, by its API name. */
  readonly create: TProperties;
  /** The same in a request that changes the record. */
  readonly change: TProperties;
  /** The value in a record of a request that does not name it. */
  readonly initial: unknown;
  /** What `waiide share create --help` says of the field's flag; undefined: flags of its own set it. */
  readonly flag?: string;
}

/** One field of a record, wherever it appears: in the store, in requests, in answers and in the audit. */
export interface RecordField<Value = never, Shown = object> {
  /** The value in the record, and in the store's column of the field's name. */
  readonly record: TSchema;
  /** The column holds the value as JSON. */
  readonly json?: boolean | undefined;
  /** The answer's fields that show it, by their API names. */
  readonly view: TProperties;
  /** The values of `view`. */
  readonly show: (value: Value) => Shown;
  readonly asked?: Asked | undefined;
  /** What the audit says of it. */
  readonly audit?: ((value: Value) => Details) | undefined;
}

export type RecordFields = Readonly<Record<string, RecordField>>;

/** The record that a list of fields describes. */
export type RecordOf<Fields extends RecordFields> = {
  readonly [Name in keyof Fields]: Static<Fields[Name]["record"]>;
};

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
type Flat<Type> = { [Key in keyof Type]: Type[Key] };
/** The properties of all fields together. */
type Merged<Parts> = Flat<Intersection<Parts>> extends infer All extends TProperties ? All : never;
type Asks<Fields extends RecordFields> = {
  [Name in keyof Fields]: Extract<Fields[Name]["asked"], Asked>;
};

export type ViewProperties<Fields extends RecordFields> = Merged<Fields[keyof Fields]["view"]>;
export type CreateProperties<Fields extends RecordFields> = Merged<Asks<Fields>[keyof Fields]["create"]>;
export type ChangeProperties<Fields extends RecordFields> = Merged<Asks<Fields>[keyof Fields]["change"]>;
/** The part of the record that requests set. */
export type AskedValues<Fields extends RecordFields> = {
  readonly [Name in keyof Fields as [Asks<Fields>[Name]] extends [never] ? never : Name]: Static<
    Fields[Name]["record"]
  >;
};

type ValuesOf<View extends TProperties> = { readonly [Name in keyof View]: Static<View[Name]> };

export interface Row<Kept extends TSchema, View extends TProperties, Ask extends Asked | undefined>
  extends RecordField<Static<Kept>, ValuesOf<View>> {
  readonly record: Kept;
  readonly view: View;
  readonly asked?: Ask;
}

/** Makes one row of a list: the types of its functions follow from its schemas. */
export function field<Kept extends TSchema, View extends TProperties, Ask extends Asked | undefined = undefined>(
  row: Row<Kept, View, Ask>,
): Row<Kept, View, Ask> {
  return row;
}

/** A value or null. */
export function Nullable<const Schema extends TSchema>(schema: Schema, options: { description?: string } = {}) {
  return Type.Union([schema, Type.Null()], options);
}

/** The fields of an answer that shows such a record. */
export function viewProperties<Fields extends RecordFields>(fields: Fields): ViewProperties<Fields> {
  return Object.assign({}, ...Object.values(fields).map(({ view }) => view));
}

/** The fields of a request that makes such a record. */
export function createProperties<Fields extends RecordFields>(fields: Fields): CreateProperties<Fields> {
  return Object.assign({}, ...Object.values(fields).map(({ asked }) => asked?.create));
}

/** The fields of a request that changes such a record. */
export function changeProperties<Fields extends RecordFields>(fields: Fields): ChangeProperties<Fields> {
  return Object.assign({}, ...Object.values(fields).map(({ asked }) => asked?.change));
}

/** A record in the store: its columns, and which of them hold JSON. */
export interface Column {
  readonly name: string;
  readonly json: boolean;
}

export function columnsOf(fields: RecordFields): Column[] {
  return Object.entries(fields).map(([name, { json = false }]) => ({ name, json }));
}

/** A record as an answer shows it. */
export function viewOf<Fields extends RecordFields>(
  fields: Fields,
  record: RecordOf<Fields>,
): ValuesOf<ViewProperties<Fields>> {
  return Object.assign({}, ...Object.entries(fields).map(([name, { show }]) => show(record[name] as never)));
}

/** A record in the audit. */
export function detailsOf<Fields extends RecordFields>(fields: Fields, record: RecordOf<Fields>): Details {
  return Object.assign({}, ...Object.entries(fields).map(([name, { audit }]) => audit?.(record[name] as never)));
}

/**
 * The part of a record that a request sets.
 * @param before the record that the request changes; undefined: it makes one
 */
export function askedValues<Fields extends RecordFields>(
  fields: Fields,
  request: object,
  before?: RecordOf<Fields>,
): AskedValues<Fields> {
  const values = Object.entries(fields).flatMap(([name, { asked }]) => {
    if (asked === undefined) return [];
    const [asName = ""] = Object.keys(asked.create);
    const given = (request as Readonly<Record<string, unknown>>)[asName];
    const kept = before === undefined ? asked.initial : before[name];
    return [[name, given === undefined ? kept : given]];
  });
  return Object.fromEntries(values) as AskedValues<Fields>;
}
