/** Cells of an unsaved notebook. */
export interface KeptCell {
  readonly kind: number;
  readonly language: string;
  readonly text: string;
  readonly metadata: Record<string, unknown>;
  readonly outputs: readonly KeptOutput[];
}

export interface KeptOutput {
  readonly items: readonly { readonly mime: string; readonly data: Uint8Array }[];
  readonly metadata: Record<string, unknown>;
}

/** Unsaved text that this browser keeps. */
export interface KeptText {
  /** Its server and workspace: several users and servers may share an origin. */
  readonly place: string;
  /** The load of the page that kept it. */
  readonly page: string;
  readonly uri: string;
  readonly language: string;
  /** For a notebook: the texts of its cells, for comparisons. */
  readonly text: string;
  /** The content of the file when it was last saved or opened; null: unknown. */
  readonly base: string | null;
  /** Set: it is a notebook. */
  readonly cells: readonly KeptCell[] | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Larger texts are not kept. Characters, or bytes of outputs. */
export const maxTextSize = 5_000_000;
/** Of all texts of a place. */
export const maxKeptSize = 50_000_000;
/** Texts are deleted after this time. Milliseconds. */
export const retention = 30 * 24 * 3_600_000;

/** What to do with a kept text, given the file's current content. */
export type KeptChoice =
  /** The file already has it. */
  | "same"
  /** The file is unchanged since the text was typed, or there is nothing to lose. */
  | "restore"
  /** The file has changed, or may have. */
  | "compare"
  /** There is no such file, or none yet. */
  | "open";

/**
 * @param now the editor's text; undefined: there is no such file
 * @param disk the file's text
 */
export function choiceFor(kept: KeptText, now: string | undefined, disk: string | undefined): KeptChoice {
  if (now === undefined) return "open";
  if (sameText(now, kept.text)) return "same";
  // VS Code restores untitled texts, too: empty, an older state, or by now another one of that name, which must stay.
  if (kept.uri.startsWith("untitled:")) return now === "" ? "restore" : "open";
  return kept.base !== null && disk !== undefined && sameText(disk, kept.base) ? "restore" : "compare";
}

/** Compares without line endings: an editor uses the same one for all lines. */
export function sameText(one: string, other: string): boolean {
  return one === other || withLineFeeds(one) === withLineFeeds(other);
}

function withLineFeeds(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
