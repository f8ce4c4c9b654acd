import type { TerminalMessage, View, WindowPerson, WindowServerMessage } from "@waiide/protocol";

/** Where the person of a window is. */
export interface WindowPlace {
  /** The file in front, absolute and after links; null: none. */
  readonly place: string | null;
  readonly view?: View;
  /** The session whom they follow. */
  readonly follows?: string;
}

/** Somebody else, with their file as `WindowPlace` has it. */
export interface PlacedPerson extends Omit<WindowPerson, "path"> {
  readonly place: string | null;
}

export type WindowInvited = Extract<WindowServerMessage, { type: "window-invited" }>;

/** The conversation of a share. */
export type WindowTalk = Extract<WindowServerMessage, { type: "window-talk" | "said" }>;

/** A window that is told who else is there. */
export interface Companion {
  people(people: readonly PlacedPerson[]): void;
  invited(invited: WindowInvited): void;
  /** About terminals that the owner shows, and the conversation of the share. */
  told(message: TerminalMessage | WindowTalk): void;
  /** It has not read what it was sent. */
  readonly isBehind: boolean;
}

/** What a window that has joined reports. */
export interface Companionship {
  moved(at: WindowPlace): void;
  /** Asks everybody in a share to follow this person. */
  invite(share: string): void;
  /** Begins or ends to watch a terminal that the owner shows. */
  watch(terminal: string, on: boolean): void;
  leave(): void;
}

/** The people of the shares that a window belongs to: all for the owner, their own for a guest (RULES R24). */
export interface Company {
  join(companion: Companion): Companionship;
}
