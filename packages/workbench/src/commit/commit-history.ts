import { button, element } from "../page/element.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import { visible } from "./commit-panel.ts";

const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** The commits that came before, of a share with its history. All of it is plain text (RULES R17). */
export class CommitHistory {
  readonly element: HTMLDetailsElement;
  readonly #session: Pick<Session, "request">;
  readonly #list = element("ul", { class: "commit-log", "aria-label": "Commits" });
  readonly #more: HTMLButtonElement;
  #next = 0;

  constructor(session: Pick<Session, "request">) {
    this.#session = session;
    this.#more = button("Show more", () => void this.#load());
    this.#more.hidden = true;
    this.element = element(
      "details",
      { class: "commit-history" },
      element("summary", {}, "History"),
      this.#list,
      this.#more,
    );
    this.element.addEventListener("toggle", () => {
      if (this.element.open && this.#list.childElementCount === 0) void this.#load();
    });
  }

  async #load(): Promise<void> {
    try {
      const { commits, next } = await this.#session.request("commit-log", { from: this.#next });
      const rows = commits.map(({ id, date, author, subject }) => {
        const about = `${visible(author)}, ${dayFormat.format(new Date(date))} · ${id.slice(0, 10)}`;
        return element("li", {}, element("bdi", {}, visible(subject)), element("p", { class: "soft" }, about));
      });
      this.#list.append(...rows);
      this.#more.hidden = next === null;
      this.#next = next ?? 0;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.#list.append(element("li", { role: "alert" }, error.message));
    }
  }
}
