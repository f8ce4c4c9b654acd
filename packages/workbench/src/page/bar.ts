import { type Level, type Person, type Shared, timeLeftWords, untilNextTimeLeft } from "@waiide/protocol";
import type { Link, Session } from "../session/session.ts";
import { button, element } from "./element.ts";
import { PeopleList } from "./people-list.ts";
import { shareName } from "./share-name.ts";
import { urgency } from "./urgency.ts";

/** By urgency. */
const warnings = ["", "Less than 5 minutes left in this share.", "Less than a minute left in this share."];

/** How long the bar reports an overlap with the owner that the guest cannot act on. Milliseconds. */
const overlapShown = 60_000;

/** What the guest wrote where the owner changed the same lines. */
interface OwnVersion {
  readonly path: string;
  readonly version: string;
}

export interface BarWords {
  /** While there is no connection. */
  readonly away: string;
}

const workbenchWords: BarWords = { away: "No connection. Trying again; what you type is kept." };

/**
 * The bar above the workbench: whose workspace this is, what this guest can do, who else is here, and how long. It consists
 * of elements of its own, so that it is there before the workbench, and also when the workbench fails.
 */
export class Bar {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #files = element("div", { class: "bar-actions" });
  readonly #whose = element("strong", { class: "bar-whose" });
  readonly #level = element("span", { class: "bar-level" });
  readonly #promise = element("span", { class: "bar-promise" });
  readonly #notice = element("span", { class: "bar-notice", role: "status" });
  readonly #noticeActions = element("span", { class: "bar-notice-actions" });
  readonly #tools = element("span", { class: "bar-tools" });
  readonly #people = new PeopleList();
  readonly #time = element("span", { class: "bar-time" });
  /** For screen readers: announces changes elsewhere on the page. */
  readonly #spoken = element("span", { class: "spoken", role: "status" });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endsAt: number | null = null;
  #urgency = 0;
  #shown: Level | undefined;
  #link: Link["kind"] = "connecting";
  #remark = "";
  #overlap = "";
  #overlapTimer: ReturnType<typeof setTimeout> | undefined;
  #ownVersion: OwnVersion | undefined;
  #showVersion: ((own: OwnVersion) => void) | undefined;

  readonly #words: BarWords;

  constructor(session: Session, words: BarWords = workbenchWords) {
    this.#session = session;
    this.#words = words;
    this.element = element(
      "header",
      { class: "bar", "aria-label": "This share" },
      this.#files,
      element("span", { class: "bar-what" }, this.#whose, " ", this.#level, " ", this.#promise),
      this.#notice,
      this.#noticeActions,
      this.#tools,
      this.#people.element,
      this.#time,
      this.#spoken,
    );
    this.#whose.textContent = "Connecting …";
    session.onShare.listen((share) => this.#showShare(share));
    session.onPeople.listen((people) => this.#people.show(people, session.welcome.you.session));
    session.onLink.listen((link) => this.#showLink(link));
    session.onOverlap.listen(({ owner, path, version }) => this.#showOverlap(owner, path, version));
  }

  /** A button of the workbench on narrow pages. */
  addAction(label: string, onClick: () => void): HTMLButtonElement {
    const made = button(label, onClick);
    this.#files.append(made);
    return made;
  }

  /** A button on pages of any width. */
  addTool(label: string, onClick: () => void): HTMLButtonElement {
    const made = button(label, onClick);
    this.#tools.append(made);
    return made;
  }

  /** A sentence that stays in the bar. */
  warn(wordsOf: (share: Shared) => string): void {
    const warning = element("span", { class: "bar-warning" });
    this.#notice.before(warning);
    this.#session.onShare.listen((share) => {
      warning.textContent = wordsOf(share);
    });
  }

  /** Says something to people who use a screen reader. */
  announce(text: string): void {
    this.#spoken.textContent = text;
  }

  /** The workbench can now show what the guest wrote where the owner changed the same lines. */
  offerVersions(show: (own: OwnVersion) => void): void {
    this.#showVersion = show;
    this.#showNotice();
  }

  /** A remark about the open file, such as that it is out of date; empty: none. */
  remark(text: string): void {
    this.#remark = text;
    this.#showNotice();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#overlapTimer);
    this.element.remove();
  }

  #showShare(share: Shared): void {
    const { owner, level, permission, promise, time_left } = share;
    this.#whose.textContent = `${owner}: ${shareName(share)}`;
    this.#level.textContent = permission;
    this.#level.dataset.level = level;
    this.#promise.textContent = promise;
    document.title = `${shareName(share)} – ${owner} – WAIIDE`;
    if (this.#shown !== undefined && this.#shown !== level)
      this.announce(`This share is ${permission} now. ${promise}`);
    this.#shown = level;
    this.#endsAt = time_left === null ? null : performance.now() + time_left;
    this.#showTime();
  }

  #showTime(): void {
    clearTimeout(this.#timer);
    const left = this.#endsAt === null ? null : this.#endsAt - performance.now();
    this.#time.textContent = timeLeftWords(left);
    const now = urgency(left);
    this.#time.classList.toggle("soon", now > 0);
    if (now > this.#urgency) this.announce(warnings[now] ?? "");
    this.#urgency = now;
    if (left !== null && left > 0) this.#timer = setTimeout(() => this.#showTime(), untilNextTimeLeft(left));
  }

  /** @param chosen a click on another person */
  onPerson(chosen: (person: Person) => void): void {
    this.#people.onPerson(chosen);
  }

  /** Marks the person whom this guest follows. */
  showFollowed(session: string | undefined): void {
    this.#people.showFollowed(session);
  }

  #showOverlap(owner: string, path: string, version: string | null): void {
    clearTimeout(this.#overlapTimer);
    this.#overlap = `${owner} changed the same lines of ${path} as you, and sees both versions.`;
    this.#ownVersion = version === null ? undefined : { path, version };
    this.#showNotice();
    // A message with an action stays until the guest answers it.
    if (version === null) this.#overlapTimer = setTimeout(() => this.#forgetOverlap(), overlapShown);
  }

  #forgetOverlap(): void {
    this.#overlap = "";
    this.#ownVersion = undefined;
    this.#showNotice();
  }

  #showLink({ kind }: Link): void {
    this.#link = kind;
    this.#showNotice();
  }

  #showNotice(): void {
    const away = this.#link === "away";
    const words = away ? this.#words.away : this.#overlap || this.#remark;
    this.#notice.textContent = words;
    this.#notice.classList.toggle("away", away);
    this.#noticeActions.replaceChildren(...(away ? [] : this.#versionButtons()));
  }

  #versionButtons(): HTMLButtonElement[] {
    const [own, show] = [this.#ownVersion, this.#showVersion];
    if (own === undefined || show === undefined) return [];
    const shown = button("Show My Version", () => {
      this.#forgetOverlap();
      show(own);
    });
    return [shown, button("Dismiss", () => this.#forgetOverlap())];
  }
}
