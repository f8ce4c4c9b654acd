import { type DocumentSymbol, SymbolKind } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages";
import type { ILanguageFeaturesService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/languageFeatures.service";
import { jsonParts } from "./json.ts";
import { type FilePart, markdownParts, pythonParts } from "./symbols.ts";

const kinds: Readonly<Record<FilePart["kind"], SymbolKind>> = {
  heading: SymbolKind.String,
  class: SymbolKind.Class,
  function: SymbolKind.Function,
  value: SymbolKind.Field,
  list: SymbolKind.Array,
  object: SymbolKind.Module,
};

const languages: Readonly<Record<string, (text: string) => FilePart[]>> = {
  markdown: markdownParts,
  python: pythonParts,
  json: jsonParts,
  jsonc: jsonParts,
};

/** Outlines for the most common languages, without a language server. */
export function registerOutlines(features: ILanguageFeaturesService): void {
  for (const [language, parts] of Object.entries(languages)) {
    features.documentSymbolProvider.register(
      { language },
      {
        displayName: "Outline",
        provideDocumentSymbols: (model) => parts(model.getValue()).map((part) => symbolOf(part, model.getLineCount())),
      },
    );
  }
}

function symbolOf({ name, kind, line, lastLine, children }: FilePart, lines: number): DocumentSymbol {
  const range = (from: number, to: number) => ({
    startLineNumber: from,
    startColumn: 1,
    endLineNumber: Math.min(to, lines),
    endColumn: to < lines ? 1_000 : 1,
  });
  return {
    name: name || " ",
    detail: "",
    kind: kinds[kind],
    tags: [],
    range: range(line, Math.max(line, lastLine)),
    selectionRange: range(line, line),
    children: children.map((child) => symbolOf(child, lines)),
  };
}
