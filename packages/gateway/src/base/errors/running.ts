import type { ErrorRows } from "./row.ts";

/** The command: answers of the running WAIIDE. */
export const runningErrors = {
  REFUSED: {
    exit: 1,
    message: "{message}",
    action: "{action} ({code})",
  },
  RECORD_DAMAGED: {
    exit: 1,
    message: "The file {file}, with which commands find the running WAIIDE, is damaged.",
    action: "Restart WAIIDE, which writes that file again. It contains no shares and no settings.",
  },
  NOT_RUNNING: {
    exit: 1,
    message: "No WAIIDE is running with the data folder {folder}.",
    action: "Start one with “waiide”, or name its data folder with --data-dir.",
  },
  NO_IDE_WINDOW: {
    exit: 1,
    message: "No window of the IDE is open that could show it.",
    action: "Open {url} in a browser, then run the command again.",
  },
  GUEST_TERMINAL: {
    exit: 1,
    message: "This terminal belongs to guests of a share, who cannot {what}.",
    action: "Open files in the explorer; ask the owner for everything else.",
  },
  EXTENSION_LIST_DAMAGED: {
    exit: 1,
    message: "{reason}",
    action: "Mend the file or delete it; nothing is installed before, so that it stays as it is.",
  },
  ANSWER_UNREADABLE: {
    exit: 1,
    message: "The running WAIIDE did not answer as expected at {socket}: {reason}.",
    action: "Try again. If this lasts, restart WAIIDE, and use the “waiide” of the same version.",
  },
} as const satisfies ErrorRows;
