import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

/**
 * A terminal that the owner shows to the guests of a share: they watch it and cannot type. The owner's IDE sends what the
 * terminal writes (`/api/share/<id>/terminals`), the session passes it on.
 */

const strict = { additionalProperties: false } as const;
/** Characters that one request may hold; a terminal that writes more is shown as it is then. */
export const maxTerminalOutput = 100_000;

const Columns = WholeNumber({ minimum: 1, maximum: 1_000 });
const Rows = WholeNumber({ minimum: 1, maximum: 500 });
const Terminal = Type.String({ maxLength: 64, description: "Names the terminal within its share." });

/** `POST /api/share/<id>/terminals`: begins to show a terminal. */
export const ShowTerminalSchema = Type.Object(
  {
    name: Type.String({ maxLength: 200, description: "Name of the terminal, for the guests." }),
    columns: Columns,
    rows: Rows,
  },
  { ...strict, examples: [{ name: "bash", columns: 80, rows: 24 }] },
);
export type ShowTerminal = Static<typeof ShowTerminalSchema>;

export const ShownTerminalSchema = Type.Object({ terminal: Terminal, name: Type.String() });
export type ShownTerminal = Static<typeof ShownTerminalSchema>;

/** `POST /api/share/<id>/terminals/<terminal>/output`: what the terminal wrote since the last request, in order. */
export const TerminalOutputSchema = Type.Object(
  {
    data: Type.Optional(
      Type.String({ maxLength: maxTerminalOutput, description: "Text with escape sequences, as a terminal takes it." }),
    ),
    columns: Type.Optional(Columns),
    rows: Type.Optional(Rows),
    skipped: Type.Optional(
      Type.Boolean({ description: "The terminal wrote faster than it can be shown: text before `data` is missing." }),
    ),
  },
  { ...strict, examples: [{ data: "$ ls\r\n" }, { columns: 120, rows: 30 }] },
);
export type TerminalOutput = Static<typeof TerminalOutputSchema>;

/** Why a terminal is not shown any more. `off`: an administrator has turned it off. */
export const shownEndReasons = ["stopped", "closed", "share", "off"] as const;
export type ShownEndReason = (typeof shownEndReasons)[number];

/** The data of the events of `GET /api/share/<id>/terminals/<terminal>/events`. */
export interface WatchedEvent {
  /** How many guests watch now. */
  readonly guests: number;
}
export interface ShownEndedEvent {
  readonly reason: ShownEndReason;
}

export const WatchTerminalSchema = Type.Object(
  { terminal: Terminal, on: Type.Boolean() },
  {
    ...strict,
    description: "Begins or ends to watch a terminal that the owner shows; `terminal-screen` comes before the answer.",
  },
);

/** What the gateway sends about shown terminals. */
export const TerminalMessages = [
  Type.Object(
    { type: Type.Literal("terminals"), terminals: Type.Array(ShownTerminalSchema) },
    { description: "The terminals that the owner shows now: all of them." },
  ),
  Type.Object(
    {
      type: Type.Literal("terminal-screen"),
      terminal: Terminal,
      columns: Columns,
      rows: Rows,
      data: Type.String({ description: "The last part of what the terminal wrote." }),
    },
    { description: "Replaces everything that the page shows of it: at first, and where the page was too slow." },
  ),
  Type.Object(
    { type: Type.Literal("terminal-output"), terminal: Terminal, data: Type.String() },
    { description: "What the terminal wrote since." },
  ),
  Type.Object(
    { type: Type.Literal("terminal-size"), terminal: Terminal, columns: Columns, rows: Rows },
    { description: "The owner changed its size." },
  ),
] as const;
export const TerminalMessageSchema = Type.Union([...TerminalMessages]);
export type TerminalMessage = Static<typeof TerminalMessageSchema>;
