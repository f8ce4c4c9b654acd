import type { Target } from "./address.ts";

/** What rendered text needs from the workbench. */
export interface Surroundings {
  /** Path of the file that the text is in. */
  readonly path: string;
  /** A picture of the share. @throws SessionError */
  read(path: string): Promise<Uint8Array>;
  /** Called when somebody clicks a link that leads out of the text. */
  open(target: Target): void;
  /** Highlighted code, as HTML of `<span class="mtk…">`. */
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
