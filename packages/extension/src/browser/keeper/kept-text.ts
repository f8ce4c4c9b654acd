/** Cells of a notebook that is not saved. */
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

/** Text that was not saved, as this browser keeps it. */
export interface KeptText {
  /** Server and workspace that it belongs to: several users and servers may share an origin. */
  readonly place: string;
  /** The load of the page that keeps it. */
  readonly page: string;
  readonly uri: string;
  readonly language: string;
  /** Of a notebook: its cells' texts, for comparing. */
  readonly text: string;
  /** What the file held when it was last saved or opened; null where that is not known. */
  readonly base: string | null;
  /** Set: it is a notebook. */
  readonly cells: readonly KeptCell[] | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Larger texts are not kept. Characters, or bytes of outputs. */
export const maxTextSize = 5_000_000;
/** Of all texts of a place together. */
export const maxKeptSize = 50_000_000;
/** What nobody took is deleted after this time. Milliseconds. */
export const retention = 30 * 24 * 3_600_000;

/** What can be done with a kept text, given what is there now. */
export type KeptChoice =
  /** It is there already. */
  | "same"
  /** The file is as it was when the text was typed. */
  | "restore"
  /** The file changed meanwhile, or nobody knows. */
  | "compare"
  /** The file is gone, or it never was one. */
  | "open";

/**
 * @param now what the editor shows; undefined: there is no such file
 * @param disk what the file holds
 */
export function choiceFor(kept: KeptText, now: string | undefined, disk: string | undefined): KeptChoice {
  if (now === undefined) return "open";
  if (sameText(now, kept.text)) return "same";
  return kept.base !== null && disk !== undefined && sameText(disk, kept.base) ? "restore" : "compare";
}

/** Whatever their line endings are: an editor has one for all lines. */
export function sameText(one: string, other: string): boolean {
  return one === other || withLineFeeds(one) === withLineFeeds(other);
}

function withLineFeeds(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
