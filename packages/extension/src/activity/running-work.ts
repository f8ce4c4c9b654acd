import type { ActivityReport } from "@waiide/protocol";
import { type Disposable, debug, type NotebookCell, tasks, window, workspace } from "vscode";

/** Counts what runs in this window without a person: tasks, debug sessions, notebook cells, terminals. */
export class RunningWork {
  readonly #subscriptions: Disposable[];
  readonly #sessions = new Set<string>();
  readonly #cells = new Set<NotebookCell>();

  constructor() {
    this.#subscriptions = [
      debug.onDidStartDebugSession(({ id }) => this.#sessions.add(id)),
      debug.onDidTerminateDebugSession(({ id }) => this.#sessions.delete(id)),
      workspace.onDidChangeNotebookDocument(({ cellChanges }) => {
        for (const { cell, executionSummary } of cellChanges) {
          if (executionSummary === undefined) continue;
          // A cell gets its order when it starts, and a result when it ends.
          const { executionOrder, success } = executionSummary;
          if (executionOrder !== undefined && success === undefined) this.#cells.add(cell);
          else this.#cells.delete(cell);
        }
      }),
      workspace.onDidCloseNotebookDocument((notebook) => {
        for (const cell of this.#cells) if (cell.notebook === notebook) this.#cells.delete(cell);
      }),
    ];
  }

  counts(): ActivityReport["work"] {
    // Background tasks, which watch for changes, run until somebody stops them.
    const running = tasks.taskExecutions.filter(({ task }) => !task.isBackground);
    return { tasks: running.length, debugging: this.#sessions.size, cells: this.#cells.size };
  }

  /** Process ids of the terminals' shells; a terminal that is starting has none yet. */
  async terminals(): Promise<readonly number[]> {
    const later = new Promise<undefined>((resolve) => setTimeout(resolve, 100, undefined));
    const ids = await Promise.all(window.terminals.map(({ processId }) => Promise.race([processId, later])));
    return ids.filter((id): id is number => id !== undefined && id > 0);
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
