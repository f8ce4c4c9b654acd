import { levelWords, type Person, type Shared } from "@waiide/protocol";
import type { Link, Session } from "../session/session.ts";
import { button, element } from "./element.ts";
import { timeLeftWords, untilNextWords } from "./time-left.ts";

/** More people than these are a number. */
const shownPeople = 5;

/**
 * The bar above the workbench: whose workspace this is, what this guest may do, who else is here, how long. Own elements
 * rather than the workbench's, so that it is there before the workbench, and when that fails.
 */
export class Bar {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #files = element("div", { class: "bar-actions" });
  readonly #whose = element("strong", { class: "bar-whose" });
  readonly #level = element("span", { class: "bar-level" });
  readonly #notice = element("span", { class: "bar-notice", role: "status" });
  readonly #people = element("ul", { class: "bar-people", "aria-label": "Who is here" });
  readonly #time = element("span", { class: "bar-time" });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endsAt: number | null = null;
  #link: Link["kind"] = "connecting";
  #remark = "";

  constructor(session: Session) {
    this.#session = session;
    this.element = element(
      "header",
      { class: "bar", "aria-label": "This share" },
      this.#files,
      element("span", { class: "bar-what" }, this.#whose, " ", this.#level),
      this.#notice,
      this.#people,
      this.#time,
    );
    this.#whose.textContent = "Connecting …";
    session.onShare.listen((share) => this.#showShare(share));
    session.onPeople.listen((people) => this.#showPeople(people));
    session.onLink.listen((link) => this.#showLink(link));
  }

  /** A button for what the workbench offers on narrow pages. */
  addAction(label: string, onClick: () => void): HTMLButtonElement {
    const made = button(label, onClick);
    this.#files.append(made);
    return made;
  }

  /** Something about what is shown, such as that it is out of date; empty: nothing. */
  remark(text: string): void {
    this.#remark = text;
    this.#showNotice();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.element.remove();
  }

  #showShare({ owner, level, promise, scope, root_name, time_left }: Shared): void {
    const what = "path" in scope ? (scope.path.split("/").at(-1) ?? "") : root_name;
    this.#whose.textContent = `${owner}: ${what}`;
    this.#level.textContent = `${levelWords[level].name} – you ${forGuests(level, promise)}`;
    this.#level.dataset.level = level;
    document.title = `${what} – ${owner} – WAIIDE`;
    this.#endsAt = time_left === null ? null : performance.now() + time_left;
    this.#showTime();
  }

  #showTime(): void {
    clearTimeout(this.#timer);
    const left = this.#endsAt === null ? null : this.#endsAt - performance.now();
    this.#time.textContent = timeLeftWords(left);
    this.#time.classList.toggle("soon", left !== null && left < 5 * 60_000);
    if (left !== null && left > 0) this.#timer = setTimeout(() => this.#showTime(), untilNextWords(left));
  }

  #showPeople(people: readonly Person[]): void {
    const you = this.#session.welcome.you.session;
    const shown = people.slice(0, shownPeople).map(({ session, name, color, path }) => {
      const label = session === you ? `${name} (you)` : name;
      const initials = element("span", { class: "person-initials", "aria-hidden": "true" }, initialsOf(name));
      initials.style.setProperty("--person", color);
      const title = path && session !== you ? `${label}, in ${path}` : label;
      return element("li", { title }, initials, element("span", { class: "person-name" }, label));
    });
    const more = people.length - shown.length;
    if (more > 0) shown.push(element("li", {}, `and ${more} more`));
    this.#people.replaceChildren(...shown);
  }

  #showLink({ kind }: Link): void {
    this.#link = kind;
    this.#showNotice();
  }

  #showNotice(): void {
    const away = this.#link === "away";
    this.#notice.textContent = away ? "No connection. Trying again; what you type is kept." : this.#remark;
    this.#notice.classList.toggle("away", away);
  }
}

/** The promise as its owner reads it speaks of the guest as somebody else. */
function forGuests(level: Shared["level"], promise: string): string {
  return level === "edit" ? "can change files; the owner may run what you changed" : promise;
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? "?")][0] ?? "")
    .join("")
    .toUpperCase();
}
