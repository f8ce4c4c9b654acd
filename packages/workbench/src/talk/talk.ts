import type { Thread } from "@waiide/protocol";
import type { Bar } from "../page/bar.ts";
import type { Session } from "../session/session.ts";
import { Signal } from "../session/signal.ts";
import type { TalkPanel } from "./talk-panel.ts";

/** The conversation's button in the bar, with the number of messages and comments that came meanwhile. Its pane loads when it is opened. */
export class Talk {
  /** The guest wants to see the lines of a comment. */
  readonly onChosen = new Signal<Thread>();
  readonly #session: Session;
  readonly #frame: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #say: (text: string) => void;
  #panel: TalkPanel | undefined;
  #opening = false;
  #unread = 0;

  constructor(session: Session, bar: Bar, frame: HTMLElement) {
    this.#session = session;
    this.#frame = frame;
    this.#say = (text) => bar.announce(text);
    this.#button = bar.addTool("Conversation", () => void this.#toggle());
    this.#button.setAttribute("aria-expanded", "false");
    session.onShare.listen(({ talk }) => this.#offer(talk));
    session.onSaid.listen(({ session: author, name }) => {
      if (author !== session.welcome.you.session) this.#count(`${name} wrote a message.`);
    });
    session.onThread.listen(({ thread: { comments, path }, written }) => {
      const last = comments.at(-1);
      if (written && last?.own === false) this.#count(`${last.hub_user ?? last.name} commented on ${path}.`);
    });
    this.#show();
  }

  #count(news: string): void {
    if (this.#panel !== undefined) return;
    this.#unread += 1;
    this.#show();
    this.#say(news);
  }

  #choose(thread: Thread): void {
    // On a phone it covers the file; talk.css has the same width.
    if (window.matchMedia("(max-width: 640px)").matches) this.#close();
    this.onChosen.fire(thread);
  }

  #offer(isOn: boolean): void {
    this.#button.hidden = !isOn;
    if (!isOn) this.#close();
  }

  async #toggle(): Promise<void> {
    if (this.#opening) return;
    if (this.#panel !== undefined) {
      this.#close();
      return;
    }
    this.#opening = true;
    try {
      const { TalkPanel } = await import("./talk-panel.ts");
      this.#panel = new TalkPanel(this.#session, {
        close: () => this.#close(),
        choose: (thread) => this.#choose(thread),
      });
    } finally {
      this.#opening = false;
    }
    this.#frame.append(this.#panel.element);
    this.#frame.classList.add("with-talk");
    this.#unread = 0;
    this.#show();
    await this.#panel.start();
  }

  #close(): void {
    if (this.#panel === undefined) return;
    this.#panel.close();
    this.#panel = undefined;
    this.#frame.classList.remove("with-talk");
    this.#show();
    this.#button.focus();
  }

  #show(): void {
    const isOpen = this.#panel !== undefined;
    this.#button.setAttribute("aria-expanded", String(isOpen));
    this.#button.textContent = this.#unread === 0 ? "Conversation" : `Conversation (${this.#unread})`;
    this.#button.classList.toggle("unread", this.#unread > 0);
    // The workbench measures its space only when the window changes.
    window.dispatchEvent(new Event("resize"));
  }
}
