/** Files whose changes go to the gateway one by one: they are not saved as a whole, and have no conflicts. */
export interface LiveTexts {
  /** Whether what is written in the file goes to the gateway at once. */
  isLive(path: string): boolean;
  /** Resolves when it is known whether the file is live. */
  settled(path: string): Promise<void>;
  /** The text as its editor shows it, with the file's line ends; undefined: not live. */
  textOf(path: string): string | undefined;
  /** Whether something was typed that the gateway has not acknowledged. */
  isUnacknowledged(path: string): boolean;
  /** Keeps what the gateway has not acknowledged for the next life of the page. */
  keep(path: string): Promise<void>;
  /** Whether the file was not saved for longer than usual. */
  isOverdue(path: string): boolean;
  /** Asks the gateway to write the file now. Resolves when it holds what is shown. @throws SessionError */
  save(path: string): Promise<void>;
  /** The whole text is replaced, as by an upload. */
  replace(path: string, text: string): void;
  /** Takes back what the gateway has not acknowledged. */
  discard(path: string): void;
}
