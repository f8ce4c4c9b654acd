/** What `{port}`, `{unix_socket}` and `{base_url}` stand for in one run of an app. */
export interface TemplateFields {
  /** 0 for an app on a unix socket. */
  readonly port: number;
  /** Empty for an app on a port. */
  readonly unix_socket: string;
  /** Where the browser sees the app; begins and ends with `/`. */
  readonly base_url: string;
}

type FieldName = keyof TemplateFields;
const fieldNames: readonly string[] = ["port", "unix_socket", "base_url"] satisfies FieldName[];
const piece = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/**
 * Fills in a text of the configuration, as jupyter-server-proxy does (Python's `str.format`): `{{` and `}}` are braces.
 * @throws Error naming the piece that means nothing
 */
export function fillTemplate(text: string, fields: TemplateFields): string {
  return text.replace(piece, (whole, name: string | undefined) => {
    if (whole === "{{") return "{";
    if (whole === "}}") return "}";
    if (name !== undefined && fieldNames.includes(name)) return String(fields[name as FieldName]);
    throw new Error(`“${whole}” is none of {port}, {unix_socket}, {base_url}; a brace itself is written twice`);
  });
}

/** The same for the values of a record; its names stay as they are. */
export function fillRecord(
  record: Readonly<Record<string, string>> = {},
  fields: TemplateFields,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, text]) => [name, fillTemplate(text, fields)]));
}

/** Whether a field is filled in anywhere in these texts. */
export function usesField(texts: readonly string[], field: FieldName): boolean {
  return texts.some((text) => [...text.matchAll(piece)].some(([, name]) => name === field));
}
