import type { ServerResponse } from "node:http";
import {
  levelWords,
  type PausedEvent,
  type ProposedEvent,
  type SaidEvent,
  type StoppedEvent,
  type SurvivorsEvent,
  scopeFacts,
  type ThreadEvent,
} from "@waiide/protocol";
import { EventStreams } from "../http/event-streams.ts";
import type { ShareEvents } from "./share-events.ts";

/** The owner's server-sent events: what happens to their shares, as it happens. */
export class OwnerEvents {
  readonly #streams = new EventStreams();

  constructor(events: ShareEvents) {
    const streams = this.#streams;
    events.on("change", () => streams.send("change", {}));
    events.on("created", (share) => streams.send("created", { id: share.id, made_during: share.createdDuring }));
    events.on("stopped", ({ id, level, scope }, by) => {
      const stopped: StoppedEvent = { id, by, permission: levelWords[level].name, scope };
      streams.send("stopped", stopped);
    });
    events.on("killed", (id, _processes, rest) => {
      const survivors: SurvivorsEvent = { id, ...rest };
      if (rest.left + rest.unjudged > 0) streams.send("survivors", survivors);
    });
    events.on("said", (share, message) => {
      const said: SaidEvent = { share, message };
      streams.send("said", said);
    });
    events.on("paused", ({ id, scope }, program) => {
      const paused: PausedEvent = { id, title: scopeFacts(scope).name, program };
      streams.send("paused", paused);
    });
    events.on("proposed", (share, user) => {
      const proposed: ProposedEvent = { share, user };
      streams.send("proposed", proposed);
    });
    events.on("written", () => streams.written());
  }

  /** Comments on lines were written, changed or deleted. */
  thread(event: ThreadEvent): void {
    this.#streams.send("thread", event);
  }

  stream(response: ServerResponse): void {
    this.#streams.add(response);
  }

  close(): void {
    this.#streams.close();
  }
}
