import type { Shared, SharedCommit } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import type { Bar } from "../page/bar.ts";
import type { Session } from "../session/session.ts";
import { CommitDiffs } from "./commit-diffs.ts";
import { CommitGet } from "./commit-get.ts";
import { CommitHistory } from "./commit-history.ts";
import { CommitPanel } from "./commit-panel.ts";

export interface CommitViewOptions {
  readonly session: Session;
  readonly bar: Bar;
  readonly frame: HTMLElement;
  readonly addresses: Addresses;
  /** Path of the share, begins and ends with `/`. */
  readonly base: string;
  /** There is space for it beside a file. */
  readonly opensByItself: boolean;
}

/** The changes of a shared commit, with their button in the bar. */
export class CommitView {
  readonly #options: CommitViewOptions;
  readonly #diffs: CommitDiffs;
  readonly #button: HTMLButtonElement;
  #panel: CommitPanel | undefined;
  #shown: SharedCommit | undefined;

  private constructor(options: CommitViewOptions, diffs: CommitDiffs) {
    this.#options = options;
    this.#diffs = diffs;
    this.#button = options.bar.addTool("Changes", () => this.#toggle());
    this.#draw();
  }

  /** @returns undefined: files are shared, not a commit */
  static async register(options: CommitViewOptions): Promise<CommitView | undefined> {
    const { session, addresses, opensByItself } = options;
    const { commit } = session.welcome.share;
    if (commit === undefined) return undefined;
    const view = new CommitView(options, await CommitDiffs.register(session, addresses));
    session.onShare.listen((share) => view.#follow(share));
    session.onLink.listen(({ kind }) => kind === "ended" && view.#close());
    view.#follow(session.welcome.share);
    if (opensByItself) view.#open();
    return view;
  }

  /** A followed branch moves by itself. */
  #follow({ commit, owner }: Shared): void {
    const before = this.#shown;
    this.#shown = commit;
    if (commit === undefined || (before?.id === commit.id && before.state === commit.state)) return;
    if (commit.follow || commit.state !== "current") this.#say(commit, owner, before !== undefined);
    if (before !== undefined && before.id !== commit.id) void this.#panel?.show();
  }

  #say({ name, state, id }: SharedCommit, owner: string, hasMoved: boolean): void {
    const { bar } = this.#options;
    const words = {
      current: hasMoved ? `The branch ${name} is at ${id.slice(0, 10)} now.` : "",
      rewritten: `${owner} has rewritten the branch ${name}. You see its new state.`,
      gone: `${owner} has deleted the branch ${name}. You see its last commit.`,
      held: `The newest commit of ${name} cannot be shown. You see the one before.`,
    }[state];
    bar.remark(state === "current" ? "" : words);
    bar.announce(words);
  }

  #toggle(): void {
    if (this.#panel !== undefined) {
      this.#close();
      this.#button.focus();
    } else this.#open().focus();
  }

  #open(): CommitPanel {
    const { session, frame, base } = this.#options;
    const { share } = session.welcome;
    const panel = new CommitPanel({
      session,
      onClose: () => {
        this.#close();
        this.#button.focus();
      },
      get: share.commit?.get === "none" ? undefined : new CommitGet(base, share.root_name).element,
      history: share.commit?.get === "history" ? new CommitHistory(session).element : undefined,
      open: (change, commit) => void this.#diffs.open(change, commit),
    });
    this.#panel = panel;
    frame.prepend(panel.element);
    frame.classList.add("with-commit");
    void panel.show();
    this.#draw();
    return panel;
  }

  #close(): void {
    this.#panel?.element.remove();
    this.#panel = undefined;
    this.#options.frame.classList.remove("with-commit");
    this.#draw();
  }

  #draw(): void {
    this.#button.setAttribute("aria-expanded", String(this.#panel !== undefined));
    // The workbench measures its space only when the window changes.
    window.dispatchEvent(new Event("resize"));
  }
}
