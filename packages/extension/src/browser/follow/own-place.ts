import type { View } from "@waiide/protocol/live";
import {
  type Disposable,
  TabInputCustom,
  TabInputNotebook,
  TabInputText,
  TabInputTextDiff,
  type TextEditor,
  type Uri,
  window,
} from "vscode";
import type { ToGateway } from "../live/connection.ts";
import { isFileUri, textTabs } from "../live/tabs.ts";

/** Between two reports. Milliseconds. */
const pause = 150;
/** What guests may see can change: the gateway looks anew at each report. Milliseconds. */
const repeated = 25_000;

/** The gateway takes no more. */
const maxTabs = 1_000;

type Presence = Extract<ToGateway, { type: "window-presence" }>;

export interface OwnPlaceParts {
  readonly send: (message: ToGateway) => boolean;
  /** Whether somebody follows this window. */
  readonly isFollowed: () => boolean;
  /** Whom this window follows. */
  readonly followed: () => string | undefined;
}

/** Tells the gateway which files are open in this window, which is in front, and what of it is seen while somebody follows. */
export class OwnPlace {
  readonly #parts: OwnPlaceParts;
  readonly #subscriptions: Disposable[];
  readonly #repeat: ReturnType<typeof setInterval>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told = "";
  #toldTabs = "";

  constructor(parts: OwnPlaceParts) {
    this.#parts = parts;
    const soon = () => this.soon();
    this.#subscriptions = [
      window.onDidChangeActiveTextEditor(soon),
      window.tabGroups.onDidChangeTabs(soon),
      window.tabGroups.onDidChangeTabGroups(soon),
      window.onDidChangeTextEditorSelection(soon),
      window.onDidChangeTextEditorVisibleRanges(soon),
      window.onDidChangeWindowState(({ focused }) => focused && this.again()),
    ];
    this.#repeat = setInterval(() => window.state.focused && this.again(), repeated);
  }

  /** Something may have changed. */
  soon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), pause);
  }

  /** Also where nothing has changed: the gateway knows nothing of it, or the person is back in this window. */
  again(): void {
    this.#told = "";
    this.#toldTabs = "";
    this.soon();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#repeat);
    for (const one of this.#subscriptions) one.dispose();
  }

  #tell(): void {
    this.#timer = undefined;
    this.#tellTabs();
    const presence = this.#presence();
    const told = JSON.stringify(presence);
    if (told !== this.#told && this.#parts.send(presence)) this.#told = told;
  }

  #tellTabs(): void {
    const paths = textTabs()
      .slice(0, maxTabs)
      .map(({ path }) => path);
    const told = paths.join("\n");
    if (told !== this.#toldTabs && this.#parts.send({ type: "window-open", paths })) this.#toldTabs = told;
  }

  #presence(): Presence {
    const path = frontUri()?.path ?? null;
    const editor = window.activeTextEditor;
    const isSeen = this.#parts.isFollowed() && editor?.document.uri.path === path;
    const view = isSeen ? viewOf(editor) : undefined;
    const follows = this.#parts.followed();
    return {
      type: "window-presence",
      path,
      ...(view !== undefined && { view }),
      ...(follows !== undefined && { follows }),
    };
  }
}

/** The file of the tab in front, where it is one of this machine. */
export function frontUri(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = uriOf(input);
  return uri !== undefined && isFileUri(uri) ? uri : undefined;
}

function uriOf(input: unknown): Uri | undefined {
  if (input instanceof TabInputTextDiff) return input.modified;
  const hasUri = input instanceof TabInputText || input instanceof TabInputCustom || input instanceof TabInputNotebook;
  return hasUri ? input.uri : undefined;
}

function viewOf({ visibleRanges, selection }: TextEditor): View | undefined {
  const [first, last] = [visibleRanges[0], visibleRanges.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const { anchor, active } = selection;
  return {
    first: first.start.line + 1,
    last: last.end.line + 1,
    selection: [anchor.line + 1, anchor.character + 1, active.line + 1, active.character + 1],
  };
}
