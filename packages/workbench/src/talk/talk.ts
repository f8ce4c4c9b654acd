import type { Bar } from "../page/bar.ts";
import type { Session } from "../session/session.ts";
import type { TalkPanel } from "./talk-panel.ts";

/** The conversation's button in the bar, with the number of messages that this guest has not seen. Its pane loads when it is opened. */
export class Talk {
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
      if (this.#panel !== undefined || author === session.welcome.you.session) return;
      this.#unread += 1;
      this.#show();
      this.#say(`${name} wrote a message.`);
    });
    this.#show();
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
      this.#panel = new TalkPanel(this.#session, () => this.#close());
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
