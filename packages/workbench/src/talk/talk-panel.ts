import "./talk.css";
import { maxMessageLength, type TalkMessage, type Thread, textPieces } from "@waiide/protocol";
import { button, element } from "../page/element.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import { CommentList } from "./comment-list.ts";
import { confirmLink } from "./confirm-link.ts";

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export interface TalkActions {
  readonly close: () => void;
  /** Goes to the lines of a comment. */
  readonly choose: (thread: Thread) => void;
}

/** The conversation of a share, beside the workbench. All of it is plain text (RULES R17). */
export class TalkPanel {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #list = element("div", { class: "talk-messages", role: "log", "aria-label": "Messages", tabindex: "0" });
  readonly #older: HTMLButtonElement;
  readonly #text: HTMLTextAreaElement;
  readonly #problem = element("p", { class: "talk-problem", role: "alert" });
  readonly #comments: CommentList;
  readonly #stops: (() => void)[];
  /** Ids of the messages that are shown. */
  readonly #shown = new Set<number>();

  constructor(session: Session, { close, choose }: TalkActions) {
    this.#session = session;
    this.#comments = new CommentList(session, choose);
    this.#older = button("Show older messages", () => void this.#load([...this.#shown].sort((a, b) => a - b)[0]));
    this.#older.hidden = true;
    this.#text = element("textarea", {
      id: "talk-text",
      rows: "3",
      maxlength: String(maxMessageLength),
      placeholder: "Write a message",
    });
    this.element = element(
      "aside",
      { class: "talk", "aria-label": "Conversation" },
      element(
        "header",
        {},
        element("h2", {}, "Conversation"),
        button("Close", close, { "aria-label": "Close the conversation" }),
      ),
      this.#comments.element,
      this.#older,
      this.#list,
      this.#form(),
    );
    // The workbench would treat the keys as its own commands.
    this.element.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") close();
    });
    this.#stops = [
      session.onSaid.listen((message) => this.#add([message])),
      // Messages may have been missed meanwhile.
      session.onReturn.listen(() => void this.#load()),
    ];
  }

  async start(): Promise<void> {
    this.#text.focus();
    await Promise.all([this.#load(), this.#comments.load()]);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#comments.close();
    this.element.remove();
  }

  #form(): HTMLFormElement {
    const send = element("button", { type: "submit", class: "primary" }, "Send");
    const form = element(
      "form",
      {},
      element("label", { for: "talk-text", class: "spoken" }, "Message to everybody in this share"),
      this.#text,
      element("p", { class: "soft" }, "Everybody in this share reads it. Shift+Enter starts a new line."),
      this.#problem,
      send,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#text.addEventListener("keydown", (event) => {
      // During composition, Enter chooses a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    return form;
  }

  async #send(): Promise<void> {
    const text = this.#text.value.trim();
    if (text === "") return;
    this.#problem.textContent = "";
    try {
      // A repeated request has the same key, so that nothing is written twice.
      this.#add([await this.#session.request("say", { text, key: crypto.randomUUID() })]);
      if (this.#text.value.trim() === text) this.#text.value = "";
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.#problem.textContent = error.message;
    }
  }

  /** @param before only older ones; default: the newest */
  async #load(before?: number): Promise<void> {
    try {
      const { messages, more } = await this.#session.request("talk", before === undefined ? {} : { before });
      this.#add(messages);
      const isOldest = before !== undefined || this.#shown.size === messages.length;
      if (isOldest) this.#older.hidden = !more;
      if (before === undefined) this.#list.scrollTop = this.#list.scrollHeight;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.#problem.textContent = error.message;
    }
  }

  #add(messages: readonly TalkMessage[]): void {
    const isAtEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    for (const message of messages) {
      if (this.#shown.has(message.id)) continue;
      this.#shown.add(message.id);
      const later = [...this.#list.children].find((one) => Number((one as HTMLElement).dataset.id) > message.id);
      this.#list.insertBefore(this.#item(message), later ?? null);
    }
    if (isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #item({ id, at, session, name, color, text, hub_user }: TalkMessage): HTMLElement {
    const isYours = session === this.#session.welcome.you.session;
    const time = new Date(at);
    const who = element("strong", { class: "talk-who" }, isYours ? `${hub_user ?? name} (you)` : (hub_user ?? name));
    who.style.setProperty("--person", color === "" ? "var(--accent)" : color);
    const role = session === null ? [element("span", { class: "soft" }, "owner")] : [];
    const when = element(
      "time",
      { datetime: at, title: dayFormat.format(time), class: "soft" },
      timeFormat.format(time),
    );
    const item = element(
      "div",
      { class: "talk-message", "data-id": String(id) },
      element("div", {}, who, " ", ...role, " ", when),
    );
    item.append(element("p", { dir: "auto" }, ...textPieces(text).map((piece) => this.#piece(piece))));
    return item;
  }

  #piece({ text, address }: { readonly text: string; readonly address?: string }): Node | string {
    if (address === undefined || !URL.canParse(address)) return text;
    return button(text, () => confirmLink(address), { class: "talk-link" });
  }
}
