import type { EndingEvent } from "@waiide/protocol";
import { commands, type Disposable, StatusBarAlignment, ThemeColor, window } from "vscode";
import { EventStream } from "../gateway/event-stream.ts";
import { type Gateway, reasonOf } from "../gateway/gateway.ts";
import { t } from "../text/translation.ts";

export const keepWorkingCommand = "waiide.keepWorking";

/** Warns that the idle server is about to stop, counts down, and lets the user keep it running (RULES R20). */
export class ShutdownNotice {
  readonly #gateway: Gateway;
  readonly #events: EventStream;
  readonly #item = window.createStatusBarItem("waiide.ending", StatusBarAlignment.Left, Number.MAX_SAFE_INTEGER);
  readonly #command: Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    this.#item.name = t("WAIIDE: server stops");
    this.#item.command = keepWorkingCommand;
    this.#item.backgroundColor = new ThemeColor("statusBarItem.warningBackground");
    this.#item.tooltip = t("Nobody has used this server for a while. Click to keep working.");
    this.#command = commands.registerCommand(keepWorkingCommand, () => this.#keep());
    this.#events = new EventStream(gateway, "/api/activity/events", {
      onEvent: ({ name, data }) => {
        if (name === "ending") this.#warn(Date.parse((data as EndingEvent).ends_at));
        else if (name === "staying") this.#clear();
      },
      onConnection: (connected) => {
        if (!connected) this.#clear();
      },
    });
  }

  start(): void {
    this.#events.start();
  }

  async close(): Promise<void> {
    this.#clear();
    this.#item.dispose();
    this.#command.dispose();
    await this.#events.close();
  }

  #warn(endsAt: number): void {
    const isNew = this.#timer === undefined;
    clearInterval(this.#timer);
    const count = () => {
      this.#item.text = `$(warning) ${t("WAIIDE stops in {0} s", secondsUntil(endsAt))}`;
    };
    count();
    this.#item.show();
    this.#timer = setInterval(count, 1_000);
    if (isNew) void this.#ask(endsAt);
  }

  async #ask(endsAt: number): Promise<void> {
    const keep = t("Keep Working");
    // Not a time of day: the browser may be in another time zone.
    const message = t(
      "Nobody has used this server for a while. It stops in {0} seconds unless somebody keeps working.",
      secondsUntil(endsAt),
    );
    if ((await window.showWarningMessage(message, keep)) === keep) await this.#keep();
  }

  async #keep(): Promise<void> {
    try {
      await this.#gateway.ask("/api/activity/keep", { method: "POST" });
      this.#clear();
    } catch (error) {
      void window.showErrorMessage(t("The server could not be kept running: {0}", reasonOf(error)));
    }
  }

  #clear(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#item.hide();
  }
}

function secondsUntil(time: number): number {
  return Math.max(0, Math.ceil((time - Date.now()) / 1_000));
}
