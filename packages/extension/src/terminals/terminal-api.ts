import { createInterface } from "node:readline";
import type { ShownTerminal, ShowTerminal, TerminalOutput } from "@waiide/protocol";
import { EventParser, type GatewayEvent } from "../gateway/event-stream.ts";
import type { Gateway } from "../gateway/gateway.ts";

/** The API for terminals that guests watch. Every method throws GatewayRefusal or GatewayUnreachable. */
export class TerminalApi {
  readonly #gateway: Pick<Gateway, "ask" | "stream">;

  constructor(gateway: Pick<Gateway, "ask" | "stream">) {
    this.#gateway = gateway;
  }

  show(share: string, body: ShowTerminal): Promise<ShownTerminal> {
    return this.#gateway.ask(pathOf(share), { method: "POST", body });
  }

  write(share: string, terminal: string, body: TerminalOutput): Promise<void> {
    return this.#gateway.ask(`${pathOf(share, terminal)}/output`, { method: "POST", body });
  }

  /** Resolves when the terminal is no longer shown: it is while we listen. */
  async listen(
    share: string,
    terminal: string,
    signal: AbortSignal,
    onEvent: (event: GatewayEvent) => void,
  ): Promise<void> {
    const response = await this.#gateway.stream(`${pathOf(share, terminal)}/events`, signal);
    const events = new EventParser();
    for await (const line of createInterface({ input: response })) {
      const event = events.take(line);
      if (event) onEvent(event);
    }
  }
}

function pathOf(share: string, terminal?: string): string {
  const base = `/api/share/${encodeURIComponent(share)}/terminals`;
  return terminal === undefined ? base : `${base}/${encodeURIComponent(terminal)}`;
}
