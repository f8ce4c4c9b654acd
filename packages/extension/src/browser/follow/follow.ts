import type { WindowPerson } from "@waiide/protocol/live";
import {
  commands,
  type Disposable,
  StatusBarAlignment,
  TextEditorSelectionChangeKind,
  ThemeColor,
  window,
} from "vscode";
import { t } from "../../text/translation.ts";
import type { FromGateway, ToGateway } from "../live/connection.ts";
import { shownName } from "../live/shown-person.ts";
import { Company } from "./company.ts";
import { type CaretOf, FollowedView } from "./followed-view.ts";
import { Invitations } from "./invitations.ts";
import { OwnPlace } from "./own-place.ts";

export interface FollowParts {
  readonly send: (message: ToGateway) => boolean;
  readonly caretOf: CaretOf;
}

type Named = Pick<WindowPerson, "share" | "session" | "name">;

/** Following people of one's shares in VS Code, and being followed: the owner's windows, and those of Terminal Access guests. */
export class Follow {
  readonly #parts: FollowParts;
  readonly #company = new Company();
  readonly #place: OwnPlace;
  readonly #view: FollowedView;
  readonly #invitations = new Invitations((session) => this.#start(this.#company.of(session)));
  readonly #status = window.createStatusBarItem("waiide.following", StatusBarAlignment.Left, 1_000);
  readonly #subscriptions: Disposable[];
  #person: WindowPerson | undefined;

  constructor(parts: FollowParts) {
    this.#parts = parts;
    this.#view = new FollowedView(parts.caretOf);
    this.#place = new OwnPlace({
      send: parts.send,
      isFollowed: () => this.#company.isFollowed,
      followed: () => this.#person?.session,
    });
    this.#status.name = t("Following");
    this.#status.command = "waiide.live.stopFollowing";
    this.#status.backgroundColor = new ThemeColor("statusBarItem.warningBackground");
    this.#subscriptions = [
      this.#status,
      this.#place,
      this.#view,
      commands.registerCommand("waiide.live.follow", (named: Named) => this.#follow(named)),
      commands.registerCommand("waiide.live.followPerson", () => this.#choose()),
      commands.registerCommand("waiide.live.followMe", (share?: string) => this.#invite(share)),
      commands.registerCommand("waiide.live.stopFollowing", () => this.#stop()),
      window.onDidChangeTextEditorSelection(({ kind }) => {
        const { Keyboard, Mouse } = TextEditorSelectionChangeKind;
        if (kind === Keyboard || kind === Mouse) this.#stop();
      }),
      window.tabGroups.onDidChangeTabs(() => this.#view.isLeft && this.#stop()),
    ];
  }

  /** The gateway knows nothing of this window yet. */
  connected(): void {
    this.#place.again();
  }

  lost(): void {
    this.#stop();
    this.#company.receive([], "");
  }

  receive(message: Extract<FromGateway, { type: "window-people" | "window-invited" }>): void {
    if (message.type === "window-invited") {
      if (this.#company.of(message.session) !== undefined) this.#invitations.ask(message.session, message.name);
      return;
    }
    this.#company.receive(message.people, message.you);
    this.#update();
    // Somebody may have begun to follow.
    this.#place.soon();
  }

  caretsMoved(path: string): void {
    this.#view.caretsMoved(path);
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  #follow(named: Named): void {
    const person = this.#company.find(named);
    if (person === undefined) void window.showInformationMessage(t("{0} is not here now.", shownName(named.name)));
    else this.#start(person);
  }

  async #choose(): Promise<void> {
    const choices = this.#company.people.map((person) => ({
      label: shownName(person.name),
      description: person.is_owner ? t("owner") : "",
      person,
    }));
    const chosen = await window.showQuickPick(choices, { title: t("Whom do you want to follow?") });
    if (chosen !== undefined) this.#start(this.#company.of(chosen.person.session));
  }

  /** @param share default: every share in which somebody is */
  #invite(share?: string): void {
    const shares = share === undefined ? this.#company.shares : [share];
    for (const one of shares) this.#parts.send({ type: "window-invite", share: one });
    const isAlone = !this.#company.people.some((person) => shares.includes(person.share));
    void window.showInformationMessage(
      isAlone ? t("Nobody else is here now.") : t("Everybody is asked to follow you."),
    );
  }

  #start(person: WindowPerson | undefined): void {
    if (person === undefined) return;
    this.#person = person;
    void commands.executeCommand("setContext", "waiide.following", true);
    this.#show(person);
    this.#place.soon();
    void this.#view.goTo(person);
  }

  #stop(): void {
    if (this.#person === undefined) return;
    this.#person = undefined;
    void commands.executeCommand("setContext", "waiide.following", false);
    this.#status.hide();
    this.#view.clear();
    this.#place.soon();
  }

  #update(): void {
    const before = this.#person;
    if (before === undefined) return;
    const now = this.#company.of(before.session);
    if (now === undefined) {
      this.#stop();
      return;
    }
    this.#person = now;
    this.#show(now);
    if (placeOf(now) !== placeOf(before)) void this.#view.goTo(now);
  }

  #show({ name, is_elsewhere }: WindowPerson): void {
    const who = shownName(name);
    this.#status.text = is_elsewhere
      ? `$(target) ${t("Following {0}, in a file that is not shared", who)}`
      : `$(target) ${t("Following {0}", who)}`;
    this.#status.tooltip = t("Click here, type or press Escape to stop");
    this.#status.show();
  }
}

function placeOf({ path, view }: WindowPerson): string {
  return JSON.stringify([path, view]);
}
