import { asObject, type Json } from "./notebook.ts";

const kinds = ["code", "markdown", "raw"];

/** @returns the first violation of format 4; undefined: none */
export function damageOf({ cells, metadata = {} }: Json): string | undefined {
  if (!isObject(metadata)) return "its metadata is invalid";
  if (!Array.isArray(cells)) return "it has no list of cells";
  for (const [index, cell] of cells.entries()) {
    const damage = damageOfCell(cell);
    if (damage !== undefined) return `cell ${index + 1} ${damage}`;
  }
  return undefined;
}

function damageOfCell(cell: unknown): string | undefined {
  if (!isObject(cell)) return "is not a cell";
  const { cell_type: kind, source = "", outputs = [], metadata = {}, attachments = {} } = asObject(cell);
  if (!kinds.includes(String(kind))) return "is neither code nor text";
  if (!isText(source)) return "has a source that is not text";
  if (!isObject(metadata)) return "has damaged metadata";
  if (!isObject(attachments) || !Object.values(asObject(attachments)).every(isObject)) return "has damaged attachments";
  if (!Array.isArray(outputs)) return "has no list of outputs";
  const damaged = outputs.findIndex((output) => !isOutput(output));
  return damaged === -1 ? undefined : `has a damaged output (number ${damaged + 1})`;
}

function isOutput(output: unknown): boolean {
  if (!isObject(output)) return false;
  const { output_type: type, text, data = {}, traceback = [] } = asObject(output);
  if (type === "stream") return isText(text);
  if (type === "error") return isText(traceback);
  return typeof type === "string" && isObject(data);
}

function isText(value: unknown): boolean {
  return typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
