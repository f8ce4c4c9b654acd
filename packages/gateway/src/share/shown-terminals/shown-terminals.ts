import type { ServerResponse } from "node:http";
import type {
  ShownEndReason,
  ShownTerminal as ShownTerminalView,
  ShowTerminal,
  TerminalOutput,
} from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import type { ShareLimits } from "../../config/settings/share-limits.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { newId } from "../records/secrets.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareEvents } from "../share-events.ts";
import type { SharedTerminals } from "./shared-terminals.ts";
import { ShownTerminal } from "./shown-terminal.ts";

export interface ShownTerminalsOptions {
  readonly table: ShareTable;
  readonly audit: Pick<AuditLog, "note">;
  readonly events: ShareEvents;
  readonly limits: Pick<ShareLimits, "shown_terminals" | "terminal_scrollback">;
  /** Name of the owner, for the audit. */
  readonly owner: string;
  /** Resolves once the shares are read. */
  readonly ready: () => Promise<void>;
}

const maxName = 80;

/** The terminals that the owner shows to guests, by share. Each ends with its share, and with the owner's IDE. */
export class ShownTerminals {
  readonly #options: ShownTerminalsOptions;
  readonly #shown = new Map<string, Map<string, ShownTerminal>>();

  constructor(options: ShownTerminalsOptions) {
    this.#options = options;
    options.events.on("ended", ({ id }) => this.#endAll(id, "share"));
    options.events.on("change", () => this.#endIfOff());
  }

  /** @throws GatewayError SHARE_UNKNOWN, SHARE_CEILING, TERMINALS_FULL */
  async show(share: string, { name, ...size }: ShowTerminal): Promise<ShownTerminalView> {
    const { table, audit, events, limits, owner, ready } = this.#options;
    await ready();
    table.require(share);
    if (!table.policy.terminals) {
      throw new GatewayError("SHARE_CEILING", { reason: "an administrator has turned showing terminals off" });
    }
    const shown = this.#shown.get(share) ?? new Map<string, ShownTerminal>();
    if (shown.size >= limits.shown_terminals)
      throw new GatewayError("TERMINALS_FULL", { most: limits.shown_terminals });
    const terminal = new ShownTerminal({
      ...size,
      id: newId(),
      name: plainName(name),
      scrollback: limits.terminal_scrollback,
      onAbandoned: () => this.#end(share, terminal, "closed"),
    });
    this.#shown.set(share, shown.set(terminal.id, terminal));
    audit.note("show-terminal", share, owner, { terminal: terminal.name });
    events.emit("terminals", share);
    return viewOf(terminal);
  }

  /** @throws GatewayError TERMINAL_UNKNOWN */
  write(share: string, id: string, output: TerminalOutput): void {
    this.#require(share, id).write(output);
  }

  /** The owner's IDE listens; when it no longer does, the terminal is not shown any more. @throws GatewayError TERMINAL_UNKNOWN */
  listen(share: string, id: string, response: ServerResponse): void {
    this.#require(share, id).listen(response);
  }

  /** @throws GatewayError TERMINAL_UNKNOWN */
  stop(share: string, id: string): void {
    this.#end(share, this.#require(share, id), "stopped");
  }

  /** What the guests of a share may watch. */
  of(share: string): SharedTerminals {
    return {
      list: () => [...(this.#shown.get(share)?.values() ?? [])].map(viewOf),
      watch: (terminal, watcher) => this.#shown.get(share)?.get(terminal)?.watch(watcher),
    };
  }

  close(): void {
    for (const share of [...this.#shown.keys()]) this.#endAll(share, "stopped");
  }

  #require(share: string, id: string): ShownTerminal {
    const terminal = this.#shown.get(share)?.get(id);
    if (terminal === undefined) throw new GatewayError("TERMINAL_UNKNOWN");
    return terminal;
  }

  #end(share: string, terminal: ShownTerminal, reason: ShownEndReason): void {
    const shown = this.#shown.get(share);
    if (shown?.delete(terminal.id) !== true) return;
    if (shown.size === 0) this.#shown.delete(share);
    const { audit, events, owner } = this.#options;
    terminal.end(reason);
    const who = reason === "stopped" || reason === "closed" ? owner : "gateway";
    audit.note("stop-terminal", share, who, { terminal: terminal.name });
    events.emit("terminals", share);
  }

  #endAll(share: string, reason: ShownEndReason): void {
    for (const terminal of [...(this.#shown.get(share)?.values() ?? [])]) this.#end(share, terminal, reason);
  }

  #endIfOff(): void {
    if (this.#options.table.policy.terminals) return;
    for (const share of [...this.#shown.keys()]) this.#endAll(share, "off");
  }
}

function viewOf({ id, name }: ShownTerminal): ShownTerminalView {
  return { terminal: id, name };
}

/** A program can set a terminal's name (RULES R17). */
function plainName(name: string): string {
  return (
    name
      .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "")
      .trim()
      .slice(0, maxName) || "terminal"
  );
}
