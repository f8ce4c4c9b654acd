import { asObject, type Json } from "./notebook.ts";

/** Names in outputs of format 2 and 3 in place of MIME types (the inverse of `from_mime_key` in nbformat's converter). */
const mimeTypes: Readonly<Record<string, string>> = {
  text: "text/plain",
  html: "text/html",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  latex: "text/latex",
  json: "application/json",
  javascript: "application/javascript",
};

/** Converts the cells of a notebook of format 1 to 3 to format 4, for viewing. */
export function upgraded(notebook: Json): Json[] {
  const sheets = Array.isArray(notebook.worksheets) ? notebook.worksheets : [notebook];
  return sheets.flatMap((sheet) => listOf(asObject(sheet).cells)).map((cell) => upgradedCell(asObject(cell)));
}

function upgradedCell(cell: Json): Json {
  const { cell_type: kind, source = cell.text ?? "", level } = cell;
  if (kind === "code") {
    const outputs = listOf(cell.outputs).map((output) => upgradedOutput(asObject(output)));
    return { cell_type: "code", source: cell.input ?? cell.code ?? "", execution_count: cell.prompt_number, outputs };
  }
  if (kind === "heading") {
    const depth = typeof level === "number" && level >= 1 && level <= 6 ? Math.floor(level) : 1;
    const text = Array.isArray(source) ? source.map(String).join("") : String(source);
    return { cell_type: "markdown", source: `${"#".repeat(depth)} ${text.replaceAll("\n", " ")}` };
  }
  return { cell_type: kind === "markdown" ? "markdown" : "raw", source };
}

function upgradedOutput(output: Json): Json {
  const { output_type: type, stream } = output;
  if (type === "stream") return { output_type: "stream", name: stream ?? "stdout", text: output.text };
  if (type === "pyerr") return { ...output, output_type: "error" };
  const data = Object.entries(mimeTypes).flatMap(([name, mime]) => (name in output ? [[mime, output[name]]] : []));
  return { output_type: "display_data", data: Object.fromEntries(data) };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
