import "./commit.css";
import type { CommitChange, CommitInfo, SharedCommit } from "@waiide/protocol";
import { button, element } from "../page/element.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";

const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const marks: Readonly<Record<CommitChange["what"], string>> = { added: "A", changed: "M", deleted: "D", renamed: "R" };

export interface CommitPanelOptions {
  readonly session: Session;
  /** The guest closes it. */
  readonly onClose: () => void;
  /** How the guest takes it with them; undefined: not at all. */
  readonly get: HTMLElement | undefined;
  /** The commits before; undefined: they are not shared. */
  readonly history: HTMLElement | undefined;
  readonly open: (change: CommitChange, commit: SharedCommit) => void;
}

/** The shared commit beside the workbench: who made it and why, and the files that it changed. All of it is plain text (RULES R17). */
export class CommitPanel {
  readonly element: HTMLElement;
  readonly #options: CommitPanelOptions;
  readonly #about = element("div", { class: "commit-about" });
  readonly #list = element("ul", { class: "commit-changes", "aria-label": "Changed files" });
  readonly #more: HTMLButtonElement;
  readonly #problem = element("p", { class: "commit-problem", role: "alert" });
  #next = 0;
  /** Of the commit that is shown: an answer about another one comes too late. */
  #turn = 0;

  constructor(options: CommitPanelOptions) {
    this.#options = options;
    this.#more = button("Show more", () => void this.#load(this.#turn));
    this.#more.hidden = true;
    this.element = element(
      "aside",
      { class: "commit", "aria-label": "Changes" },
      element(
        "header",
        {},
        element("h2", {}, "Changes"),
        button("Close", options.onClose, { "aria-label": "Close the changes" }),
      ),
      this.#about,
      ...[options.get, options.history].filter((part) => part !== undefined),
      this.#list,
      this.#more,
      this.#problem,
    );
    // The workbench would treat the keys as its own commands.
    this.element.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") options.onClose();
    });
  }

  /** Shows the commit that is shared now. */
  async show(): Promise<void> {
    this.#turn += 1;
    this.#next = 0;
    await this.#load(this.#turn);
  }

  focus(): void {
    this.element.querySelector<HTMLElement>(".commit-changes button, header button")?.focus();
  }

  async #load(turn: number): Promise<void> {
    const { session } = this.#options;
    const from = this.#next;
    this.#problem.textContent = "";
    try {
      const [info, page] = await Promise.all([
        session.request("commit-info", {}),
        session.request("commit-changes", { from }),
      ]);
      if (turn !== this.#turn) return;
      this.#about.replaceChildren(...this.#aboutCommit(info));
      const rows = page.changes.map((change) => this.#row(change));
      if (from === 0) this.#list.replaceChildren(...rows);
      else this.#list.append(...rows);
      this.#more.hidden = page.next === null;
      this.#next = page.next ?? 0;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.#problem.textContent = error.message;
    }
  }

  #aboutCommit({ message, author, email, date, id, base, changes, left_out }: CommitInfo): HTMLElement[] {
    const [title = "", ...rest] = visible(message).split("\n");
    const body = rest.join("\n").trim();
    const who = element("bdi", { title: visible(`${author} <${email}>`) }, visible(author));
    const when = element("time", { datetime: date }, dayFormat.format(new Date(date)));
    const files = changes === 1 ? "1 file" : `${changes} files`;
    const against = base === null ? "Its first commit" : `Compared with ${base.slice(0, 10)}`;
    const hidden = left_out === 0 ? "" : ` ${left_out === 1 ? "1 file is" : `${left_out} files are`} not shared.`;
    return [
      element("p", { class: "commit-title", dir: "auto" }, title),
      ...(body === "" ? [] : [element("p", { class: "commit-message", dir: "auto" }, body)]),
      element("p", { class: "soft" }, who, ", ", when, ` · ${id.slice(0, 10)}`),
      element("p", { class: "soft" }, `${against}: ${files} changed.${hidden}`),
    ];
  }

  #row(change: CommitChange): HTMLElement {
    const { what } = change;
    const [path, from] = [visible(change.path), change.from && visible(change.from)];
    const at = path.lastIndexOf("/");
    const title = from === undefined ? `${path} (${what})` : `${from} → ${path} (renamed)`;
    const name = element("bdi", { class: "commit-name" }, path.slice(at + 1));
    const folder = element("bdi", { class: "soft commit-folder" }, at < 0 ? "" : path.slice(0, at));
    const row = button("", () => this.#open(change), { title, "aria-label": title, class: what });
    row.append(element("span", { class: "commit-mark", "aria-hidden": "true" }, marks[what]), name, folder);
    return element("li", {}, row);
  }

  #open(change: CommitChange): void {
    const { session, open } = this.#options;
    const { commit } = session.welcome.share;
    if (commit !== undefined) open(change, commit);
  }
}

/** Characters that would turn the text around, or hide a part of it, are seen as such. The last one joins emoji. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => (["\n", "\t", "\u200d"].includes(sign) ? sign : "\ufffd"));
}
