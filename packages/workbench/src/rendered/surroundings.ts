import type { Target } from "./address.ts";

/** What rendered text needs of the workbench around it. */
export interface Surroundings {
  /** Path of the file that the text is in. */
  readonly path: string;
  /** A picture of the share. @throws SessionError */
  read(path: string): Promise<Uint8Array>;
  /** A link was clicked that leads out of the text. */
  open(target: Target): void;
  /** Code with its colours, as HTML of `<span class="mtk…">`. */
  colour(code: string, language: string): Promise<string>;
  /** The theme's rules for these classes, and its variables. */
  readonly theme: Theme;
}

export interface Theme {
  /** CSS. */
  readonly colours: string;
  readonly variables: Readonly<Record<string, string>>;
  onChange(listener: () => void): { dispose(): void };
}
