import { window } from "vscode";
import { t } from "../../text/translation.ts";
import { shownName } from "../live/shown-person.ts";

/** Somebody whose invitation was declined does not ask again at once. Milliseconds. */
const pause = 60_000;

/** Asks whether to follow somebody who wants it, once at a time for each. */
export class Invitations {
  readonly #accept: (session: string) => void;
  readonly #closedUntil = new Map<string, number>();

  constructor(accept: (session: string) => void) {
    this.#accept = accept;
  }

  ask(session: string, name: string): void {
    if (performance.now() < (this.#closedUntil.get(session) ?? 0)) return;
    this.#closedUntil.set(session, Number.POSITIVE_INFINITY);
    void this.#ask(session, shownName(name));
  }

  async #ask(session: string, name: string): Promise<void> {
    const follow = t("Follow {0}", name);
    const answer = await window.showInformationMessage(t("{0} asks you to follow them.", name), follow, t("Decline"));
    this.#closedUntil.set(session, answer === follow ? 0 : performance.now() + pause);
    if (answer === follow) this.#accept(session);
  }
}
