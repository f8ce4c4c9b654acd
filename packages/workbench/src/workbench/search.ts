import type { CancellationToken } from "@codingame/monaco-vscode-api/vscode/vs/base/common/cancellation";
import type { IExpression } from "@codingame/monaco-vscode-api/vscode/vs/base/common/glob";
import {
  type IFileMatch,
  type IFileQuery,
  type ISearchComplete,
  type ISearchProgressItem,
  type ISearchResultProvider,
  type ITextQuery,
  type ITextSearchMatch,
  SearchProviderType,
} from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/search/common/search";
import type { ISearchService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/search/common/search.service";
import type { Method, Params, Result } from "@waiide/protocol";
import { type Addresses, shareScheme } from "../files/addresses.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";

type FoundFile = Result<"search">["files"][number];

const nothing: ISearchComplete = { results: [], limitHit: false, messages: [] };

/** Quick open and the search view, answered by the gateway. */
export class ServerSearch implements ISearchResultProvider {
  readonly #session: Session;
  readonly #addresses: Addresses;
  readonly #say: (message: string) => void;

  /** @param say notifies the guest why there are no results: Quick Open only writes that to the console */
  constructor(session: Session, addresses: Addresses, say: (message: string) => void) {
    this.#session = session;
    this.#addresses = addresses;
    this.#say = say;
  }

  register(service: ISearchService): void {
    service.registerSearchResultProvider(shareScheme, SearchProviderType.file, this);
    service.registerSearchResultProvider(shareScheme, SearchProviderType.text, this);
  }

  async getAIName(): Promise<undefined> {
    return undefined;
  }

  async clearCache(): Promise<void> {}

  async fileSearch(query: IFileQuery, token?: CancellationToken): Promise<ISearchComplete> {
    const most = query.maxResults;
    const params = { pattern: query.filePattern ?? "", ...(most && { most }) };
    const found = await this.#ask("find", params, token).catch((error: unknown) => {
      if (!(error instanceof SessionError)) throw error;
      this.#say(error.message);
      return undefined;
    });
    if (found === undefined) return nothing;
    const results = found.paths.map((path) => ({ resource: this.#addresses.uriOf(path) }));
    return { results, limitHit: found.incomplete, messages: [] };
  }

  async textSearch(
    query: ITextQuery,
    onProgress?: (item: ISearchProgressItem) => void,
    token?: CancellationToken,
  ): Promise<ISearchComplete> {
    const { pattern, isRegExp, isCaseSensitive, isWordMatch } = query.contentPattern;
    const folder = query.folderQueries.map((each) => this.#addresses.pathOf(each.folder)).find(Boolean);
    const found = await this.#ask(
      "search",
      {
        pattern,
        regexp: isRegExp ?? false,
        case_sensitive: isCaseSensitive ?? false,
        whole_word: isWordMatch ?? false,
        include: globs(query.includePattern),
        exclude: globs(query.excludePattern),
        ...(folder && { folder }),
      },
      token,
    );
    if (found === undefined) return nothing;
    const results = found.files.map((file) => this.#fileMatch(file));
    for (const result of results) onProgress?.(result);
    return { results, limitHit: found.incomplete, messages: [] };
  }

  /** undefined: cancelled. */
  async #ask<M extends Method>(
    method: M,
    params: Params<M>,
    token?: CancellationToken,
  ): Promise<Result<M> | undefined> {
    const { id, result } = this.#session.start(method, params);
    const listening = token?.onCancellationRequested(() => this.#session.cancel(id));
    try {
      return await result;
    } catch (error) {
      if (error instanceof SessionError && error.code === "CANCELLED") return undefined;
      throw error;
    } finally {
      listening?.dispose();
    }
  }

  #fileMatch({ path, matches }: FoundFile): IFileMatch {
    return { resource: this.#addresses.uriOf(path), results: matches.map(textMatch) };
  }
}

/** Lines and columns of a match count from 0 here; `offset`: what was cut off at the beginning of the line. */
function textMatch({ line, text, start, end, offset }: FoundFile["matches"][number]): ITextSearchMatch {
  const on = (lineNumber: number, shift: number) => ({
    startLineNumber: lineNumber,
    startColumn: start + shift,
    endLineNumber: lineNumber,
    endColumn: end + shift,
  });
  return { previewText: text, rangeLocations: [{ source: on(line - 1, offset), preview: on(0, 0) }] };
}

function globs(expression: IExpression | undefined): string[] {
  return Object.entries(expression ?? {})
    .flatMap(([glob, on]) => (on === true ? [glob] : []))
    .slice(0, 50);
}
