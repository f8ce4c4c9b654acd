import type { TSchema } from "typebox";

/** What a JSON schema of ours can say, as TypeBox writes it. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema | readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly maxItems?: number;
}

/** Longer ones break into one field a line. */
const widest = 90;

/** Writes schemas as TypeScript types for pages of the reference; the named ones appear by their names. */
export class SchemaPage {
  readonly #names: ReadonlyMap<string, string>;

  constructor(named: Readonly<Record<string, TSchema>>) {
    this.#names = new Map(Object.entries(named).map(([name, schema]) => [JSON.stringify(schema), name]));
  }

  /** A named type: its name, what it is for, and what it is. */
  definition(name: string, schema: TSchema): string {
    return section(name, schema, [`type ${name} = ${this.#written(schema, "")}`]);
  }

  /** A message or request: its name, what it is for, and its parts. */
  block(name: string, told: TSchema, parts: Readonly<Record<string, TSchema>>): string {
    const lines = Object.entries(parts).map(([part, schema]) => `${part}: ${this.#type(schema, "")}`);
    return section(`\`${name}\``, told, lines);
  }

  #type(schema: Schema, indent: string): string {
    return this.#names.get(JSON.stringify(schema)) ?? this.#written(schema, indent);
  }

  #written(schema: Schema, indent: string): string {
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
    if (schema.anyOf) return schema.anyOf.map((one) => this.#type(one, indent)).join(" | ");
    if (schema.type === "array") return this.#array(schema, indent);
    if (schema.type === "object") return this.#object(schema, indent);
    return schema.type === "integer" ? "number" : (schema.type ?? "unknown");
  }

  #array({ items }: Schema, indent: string): string {
    if (Array.isArray(items)) return `[${items.map((one: Schema) => this.#type(one, indent)).join(", ")}]`;
    const item = this.#type(items as Schema, indent);
    return / [|] /.test(item.replace(/\{[\s\S]*\}|\[[^\]]*\]/, "")) ? `(${item})[]` : `${item}[]`;
  }

  #object(schema: Schema, indent: string): string {
    const fields = Object.entries(schema.properties ?? {});
    const deeper = `${indent}  `;
    const field = ([name, value]: [string, Schema], inner: string) =>
      `${name}${schema.required?.includes(name) ? "" : "?"}: ${this.#type(value, inner)}`;
    const plain = `{ ${fields.map((one) => field(one, deeper)).join("; ")} }`;
    const told = fields.some(([, value]) => this.#remark(value) !== "");
    if (fields.length === 0) return schema.patternProperties ? "Record<string, unknown>" : "{}";
    if (!told && !plain.includes("\n") && indent.length + plain.length <= widest) return plain;
    const lines = fields.map((one) => `${deeper}${field(one, deeper)};${this.#remark(one[1])}`);
    return `{\n${lines.join("\n")}\n${indent}}`;
  }

  /** What a field means and how long it may be, as a comment behind it; a named type says it itself. */
  #remark(schema: Schema): string {
    if (this.#names.has(JSON.stringify(schema)) || schema.type === "object") return "";
    const said = [
      schema.description,
      schema.maxLength === undefined ? undefined : `At most ${schema.maxLength} characters.`,
      schema.maxItems === undefined ? undefined : `At most ${schema.maxItems}.`,
    ].filter((one) => one !== undefined);
    return said.length > 0 ? `  // ${said.join(" ")}` : "";
  }
}

function section(title: string, { description }: Schema, lines: readonly string[]): string {
  const told = description === undefined ? "" : `${description}\n\n`;
  return `### ${title}\n${told}\`\`\`ts\n${lines.join("\n")}\n\`\`\``;
}
