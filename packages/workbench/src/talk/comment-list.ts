import type { Thread } from "@waiide/protocol";
import { button, element } from "../page/element.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";

/** The comments on lines that nobody has marked as resolved, in all files that the guest sees: a click goes to the lines. */
export class CommentList {
  readonly element: HTMLDetailsElement;
  readonly #session: Session;
  readonly #choose: (thread: Thread) => void;
  readonly #count = element("summary");
  readonly #list = element("ul");
  readonly #threads = new Map<number, Thread>();
  readonly #stops: (() => void)[];

  constructor(session: Session, choose: (thread: Thread) => void) {
    this.#session = session;
    this.#choose = choose;
    this.element = element("details", { class: "talk-comments", open: "" }, this.#count, this.#list);
    this.#stops = [
      session.onThread.listen(({ thread }) => {
        this.#threads.set(thread.id, thread);
        this.#show();
      }),
      session.onThreadGone.listen((id) => {
        this.#threads.delete(id);
        this.#show();
      }),
      session.onReturn.listen(() => void this.load()),
    ];
    this.#show();
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  async load(): Promise<void> {
    try {
      const { threads } = await this.#session.request("comments", {});
      this.#threads.clear();
      for (const thread of threads) this.#threads.set(thread.id, thread);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      // Comments were turned off, or the session has ended: the page says so elsewhere.
      this.#threads.clear();
    }
    this.#show();
  }

  #show(): void {
    const open = [...this.#threads.values()].filter(({ resolved }) => !resolved).sort(inOrder);
    this.element.hidden = open.length === 0;
    this.#count.textContent = `Comments on lines (${open.length})`;
    this.#list.replaceChildren(...open.map((thread) => this.#item(thread)));
  }

  #item(thread: Thread): HTMLLIElement {
    const { path, line, gone } = thread;
    const place = gone
      ? element("span", { class: "soft" }, `${path} (the file is gone)`)
      : button(`${path}, line ${line}`, () => this.#choose(thread), { class: "talk-link" });
    const last = thread.comments.at(-1);
    const words = last === undefined ? "" : `${last.own ? "You" : (last.hub_user ?? last.name)}: ${last.text}`;
    return element("li", {}, place, element("p", { dir: "auto" }, words));
  }
}

function inOrder(one: Thread, other: Thread): number {
  return one.path.localeCompare(other.path) || one.line - other.line || one.id - other.id;
}
