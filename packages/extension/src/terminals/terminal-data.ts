import { type Event, type Terminal, window } from "vscode";

/** The parts of VS Code's proposals `terminalDataWriteEvent` and `terminalDimensions` that we use; @types/vscode has no proposals. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}
interface TerminalsWithData {
  readonly onDidWriteTerminalData: Event<{ readonly terminal: Terminal; readonly data: string }>;
  readonly onDidChangeTerminalDimensions: Event<{ readonly terminal: Terminal; readonly dimensions: TerminalSize }>;
}

/** What a terminal is until it tells its size. */
const firstSize: TerminalSize = { columns: 80, rows: 24 };

export interface TerminalListener {
  onData(data: string): void;
  onSize(size: TerminalSize): void;
}

/**
 * Listens to what a terminal writes.
 * @returns call it to stop; undefined: this IDE does not let extensions read terminals
 */
export function listenToTerminal(terminal: Terminal, listener: TerminalListener): (() => void) | undefined {
  const terminals = window as Partial<TerminalsWithData>;
  try {
    const data = terminals.onDidWriteTerminalData?.((event) => {
      if (event.terminal === terminal) listener.onData(event.data);
    });
    if (data === undefined) return undefined;
    const size = terminals.onDidChangeTerminalDimensions?.((event) => {
      if (event.terminal === terminal) listener.onSize(event.dimensions);
    });
    return () => {
      data.dispose();
      size?.dispose();
    };
  } catch {
    // “… CANNOT use API proposal”: the IDE has logged it.
    return undefined;
  }
}

export function sizeOf(terminal: Terminal): TerminalSize {
  const { dimensions } = terminal as { readonly dimensions?: TerminalSize };
  return dimensions === undefined ? firstSize : { columns: dimensions.columns, rows: dimensions.rows };
}
