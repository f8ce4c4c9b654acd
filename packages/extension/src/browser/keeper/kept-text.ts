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

/** A file on the disk. */
export type Disk =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  /** Not readable, or not text that WAIIDE can read. */
  | { readonly kind: "unknown" };

/** A file, and what its editor holds of it: VS Code may have restored an unsaved state by itself, often an older one. */
export interface FileNow {
  /** The editor's text; undefined: no editor can show the file. */
  readonly editor: string | undefined;
  readonly isUnsaved: boolean;
  readonly disk: Disk;
}

/** What to do with a kept text. */
export type KeptChoice =
  /** The file already has it, or the editor of a file that nobody changed. */
  | "same"
  /** The file is unchanged since the text was typed, or there is nothing to lose. */
  | "restore"
  /** The file has changed, or may have. */
  | "compare"
  /** There is no such file, or none yet. */
  | "open";

export function choiceFor(kept: KeptText, now: FileNow): KeptChoice {
  const { editor, isUnsaved, disk } = now;
  if (editor === undefined) return "open";
  const isHeld = sameText(editor, kept.text);
  if (kept.uri.startsWith("untitled:")) return isHeld ? "same" : choiceForUntitled(editor);
  if (isHeld && (disk.kind !== "text" || kept.base === null || !isUnsaved)) return "same";
  if (disk.kind === "missing") return "open";
  if (disk.kind === "unknown") return "compare";
  if (sameText(disk.text, kept.text)) return isHeld || !isUnsaved ? "same" : "restore";
  if (kept.base === null || !sameText(disk.text, kept.base)) return "compare";
  return isHeld ? "same" : "restore";
}

/** VS Code restores untitled texts, too: empty, an older state, or by now another one of that name, which must stay. */
function choiceForUntitled(editor: string): KeptChoice {
  return editor === "" ? "restore" : "open";
}

/** Whether the editor holds unsaved text that was not there when people were told of it: they typed, or others did. */
export function wasTypedSince(told: FileNow, now: FileNow): boolean {
  return now.isUnsaved && now.editor !== undefined && !sameText(told.editor ?? "", now.editor);
}

/** Whether the file on the disk is another one than the people who answer have been told of. */
export function hasChanged(told: FileNow, now: FileNow): boolean {
  if (told.disk.kind !== "text" || now.disk.kind !== "text") return told.disk.kind !== now.disk.kind;
  if (sameText(told.disk.text, now.disk.text)) return false;
  // VS Code's auto save writes what VS Code restored itself, which is an older state of what they typed.
  return !(told.isUnsaved && sameText(told.editor ?? "", now.disk.text));
}

/** Compares without line endings: an editor uses the same one for all lines. */
export function sameText(one: string, other: string): boolean {
  return one === other || withLineFeeds(one) === withLineFeeds(other);
}

function withLineFeeds(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
