import { findNodeAtLocation, parse, parseTree } from "@codingame/monaco-vscode-api/vscode/vs/base/common/json";
import { setProperty } from "@codingame/monaco-vscode-api/vscode/vs/base/common/jsonEdit";

/** A change of the notebook's text. Offsets in UTF-16. */
export interface TextEdit {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

export type CellKind = "code" | "markdown" | "raw";

export interface Output {
  readonly kind: "stream" | "display" | "error";
  /** Of a stream. */
  readonly isError: boolean;
  readonly text: string;
  /** MIME type → content; only of `display`. */
  readonly data: Readonly<Record<string, string>>;
  /** MIME type → size of the picture; only of `display`. */
  readonly sizes: Readonly<Record<string, PictureSize>>;
}

/** Pixels. */
export interface PictureSize {
  readonly width?: number;
  readonly height?: number;
}

/** Pictures in a Markdown cell, by name: MIME type → base64. */
export type Attachments = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Cell {
  readonly kind: CellKind;
  readonly source: string;
  readonly count: number | null;
  readonly outputs: readonly Output[];
  readonly attachments: Attachments;
}

export interface Notebook {
  readonly language: string;
  readonly cells: readonly Cell[];
}

export type Json = Readonly<Record<string, unknown>>;

export function readNotebook(notebook: Json, cells: readonly unknown[]): Notebook {
  const metadata = asObject(notebook.metadata);
  const language = asObject(metadata.language_info).name ?? asObject(metadata.kernelspec).language;
  return { language: typeof language === "string" ? language : "python", cells: cells.map(readCell) };
}

function readCell(given: unknown): Cell {
  const { cell_type: type, source, execution_count: count, outputs, attachments } = asObject(given);
  return {
    kind: type === "code" || type === "markdown" ? type : "raw",
    source: joined(source),
    count: typeof count === "number" ? count : null,
    outputs: Array.isArray(outputs) ? withJoinedStreams(outputs.map(readOutput)) : [],
    attachments: readAttachments(attachments),
  };
}

function readOutput(given: unknown): Output {
  const { output_type: type, name, text, data, metadata, ename, evalue, traceback } = asObject(given);
  if (type === "stream") return { kind: "stream", isError: name === "stderr", text: joined(text), data: {}, sizes: {} };
  if (type === "error") {
    const lines = Array.isArray(traceback) && traceback.length > 0 ? traceback : [`${ename}: ${evalue}`];
    return { kind: "error", isError: true, text: lines.map(String).join("\n"), data: {}, sizes: {} };
  }
  const entries = Object.entries(asObject(data)).map(([mime, content]) => [mime, contentOf(content)]);
  return { kind: "display", isError: false, text: "", data: Object.fromEntries(entries), sizes: readSizes(metadata) };
}

/** As Jupyter shows them: the parts of one stream are one text, in which a later part can move the cursor back. */
function withJoinedStreams(outputs: readonly Output[]): Output[] {
  const result: Output[] = [];
  for (const output of outputs) {
    const last = result.at(-1);
    if (output.kind === "stream" && last?.kind === "stream" && last.isError === output.isError) {
      result[result.length - 1] = { ...last, text: last.text + output.text };
    } else result.push(output);
  }
  return result;
}

function readSizes(metadata: unknown): Readonly<Record<string, PictureSize>> {
  const sizes = Object.entries(asObject(metadata)).flatMap(([mime, given]): [string, PictureSize][] => {
    const { width, height } = asObject(given);
    const size = { ...(isPixels(width) && { width }), ...(isPixels(height) && { height }) };
    return Object.keys(size).length === 0 ? [] : [[mime, size]];
  });
  return Object.fromEntries(sizes);
}

function isPixels(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= 10_000;
}

function readAttachments(given: unknown): Attachments {
  const named = Object.entries(asObject(given)).map(([name, kinds]) => [
    name,
    Object.fromEntries(Object.entries(asObject(kinds)).map(([mime, content]) => [mime, joined(content)])),
  ]);
  return Object.fromEntries(named);
}

function contentOf(content: unknown): string {
  const isText =
    typeof content === "string" || (Array.isArray(content) && content.every((line) => typeof line === "string"));
  return isText ? joined(content) : JSON.stringify(content, undefined, 2);
}

/** nbformat stores text as one string or as lines. */
function joined(text: unknown): string {
  if (Array.isArray(text)) return text.map(String).join("");
  return typeof text === "string" ? text : "";
}

export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Formats as nbformat does, and rewrites only the changed part, so that others' changes elsewhere can be merged. */
const format = { insertSpaces: true, tabSize: 1, eol: "\n" };

export function sourceEdits(text: string, index: number, source: string): TextEdit[] {
  return setProperty(text, ["cells", index, "source"], linesOf(source), format);
}

export function insertEdits(text: string, index: number, kind: CellKind): TextEdit[] {
  if (text.trim() === "") return newNotebook(text, kind);
  const code = { cell_type: kind, execution_count: null, metadata: {}, outputs: [], source: [] };
  const cell = kind === "code" ? code : { cell_type: kind, metadata: {}, source: [] };
  const id = usesIds(text) ? { id: crypto.getRandomValues(new Uint32Array(1))[0]?.toString(16).padStart(8, "0") } : {};
  return setProperty(text, ["cells", index], { ...cell, ...id }, format);
}

/** An empty file is a new notebook: the first cell writes the whole notebook. */
function newNotebook(empty: string, kind: CellKind): TextEdit[] {
  const text = `${JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 }, undefined, 1)}\n`;
  const [{ offset, length, content } = { offset: 0, length: 0, content: "" }] = insertEdits(text, 0, kind);
  return [{ offset: 0, length: empty.length, content: text.slice(0, offset) + content + text.slice(offset + length) }];
}

export function deleteEdits(text: string, index: number): TextEdit[] {
  return setProperty(text, ["cells", index], undefined, format);
}

/** Swaps a cell with the next one, each exactly as it is written. */
export function swapEdits(text: string, index: number): TextEdit[] {
  const root = parseTree(text);
  const first = root && findNodeAtLocation(root, ["cells", index]);
  const second = root && findNodeAtLocation(root, ["cells", index + 1]);
  if (first === undefined || second === undefined) return [];
  const written = ({ offset, length }: { offset: number; length: number }) => text.slice(offset, offset + length);
  return [
    { offset: first.offset, length: first.length, content: written(second) },
    { offset: second.offset, length: second.length, content: written(first) },
  ];
}

/** Since nbformat 4.5 each cell has one. */
function usesIds(text: string): boolean {
  const { nbformat, nbformat_minor: minor } = asObject(parse(text));
  return Number(nbformat) > 4 || (nbformat === 4 && Number(minor) >= 5);
}

function linesOf(source: string): string[] {
  return source === "" ? [] : source.split(/(?<=\n)/);
}
