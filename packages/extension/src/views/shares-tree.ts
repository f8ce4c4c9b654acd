import type { Guest, GuestChange, GuestVersion, JoinRequest, Proposal, Share } from "@waiide/protocol";
import { guestsOnline } from "@waiide/protocol/share-facts";
import { EventEmitter, ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, TreeItemCollapsibleState } from "vscode";
import { iconOf } from "../create/choices.ts";
import { reasonOf } from "../gateway/gateway.ts";
import type { ShareApi } from "../shares/api.ts";
import type { ShareState } from "../shares/state.ts";
import type { ShownTerminal } from "../terminals/shown-terminal.ts";
import { t } from "../text/translation.ts";
import {
  endInWords,
  firstFileInWords,
  guestsInWords,
  recipientInWords,
  shareInWords,
  timeLeftInWords,
} from "../text/words.ts";

/** One row of the view. */
export type ShareNode =
  | { readonly kind: "share"; readonly share: Share }
  | { readonly kind: "request"; readonly share: Share; readonly request: JoinRequest }
  | { readonly kind: "guest"; readonly share: Share; readonly guest: Guest }
  | { readonly kind: "terminal"; readonly share: Share; readonly shown: ShownTerminal }
  | { readonly kind: "level" | "time"; readonly share: Share }
  | { readonly kind: "proposal"; readonly share: Share; readonly proposal: Proposal }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "changes"; readonly share: Share }
  | { readonly kind: "change"; readonly share: Share; readonly change: GuestChange }
  | { readonly kind: "version"; readonly share: Share; readonly change: GuestChange; readonly version: GuestVersion }
  | { readonly kind: "failure"; readonly reason: string };

/** One kind of row. */
export type RowOf<Kind extends ShareNode["kind"]> = Extract<ShareNode, { kind: Kind }>;
export type ShareRow = RowOf<"share">;
export type RequestRow = RowOf<"request">;
export type GuestRow = RowOf<"guest">;
export type ProposalRow = RowOf<"proposal">;
export type ChangeRow = RowOf<"change">;
export type VersionRow = RowOf<"version">;

/** The rows of the Shares view. Labels, descriptions and tooltips of a tree are plain text (RULES R17). */
export class SharesTree implements TreeDataProvider<ShareNode> {
  readonly #api: Pick<ShareApi, "changes" | "proposals">;
  readonly #state: ShareState;
  readonly #terminals: { of(share: Share): readonly ShownTerminal[] };
  readonly #changed = new EventEmitter<ShareNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(
    api: Pick<ShareApi, "changes" | "proposals">,
    state: ShareState,
    terminals: { of(share: Share): readonly ShownTerminal[] },
  ) {
    this.#terminals = terminals;
    this.#api = api;
    this.#state = state;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(node?: ShareNode): Promise<ShareNode[]> {
    if (node === undefined) return this.#state.snapshot.shares.map((share) => ({ kind: "share", share }));
    if (node.kind === "share") {
      const proposals = await this.#proposalsOf(node.share);
      return [...proposals, ...partsOf(node.share, this.#terminals.of(node.share))];
    }
    if (node.kind === "changes") return this.#changesOf(node.share);
    if (node.kind === "change") return versionsOf(node);
    return [];
  }

  getTreeItem(node: ShareNode): TreeItem {
    switch (node.kind) {
      case "share":
        return shareItem(node.share);
      case "request":
        return requestItem(node);
      case "guest":
        return guestItem(node);
      case "terminal":
        return terminalItem(node.shown);
      case "level":
        return levelItem(node.share);
      case "time":
        return timeItem(node.share);
      case "proposal":
        return proposalItem(node);
      case "note":
        return iconItem(node.text, "note");
      case "changes":
        return Object.assign(new TreeItem(t("Changed by guests"), TreeItemCollapsibleState.Collapsed), {
          id: `changes-${node.share.id}`,
          iconPath: new ThemeIcon("diff-multiple"),
        });
      case "change":
        return changeItem(node);
      case "version":
        return versionItem(node);
      case "failure":
        return iconItem(node.reason, "warning");
    }
  }

  async #proposalsOf(share: Share): Promise<ShareNode[]> {
    if (share.commit?.propose !== true) return [];
    try {
      const proposals = await this.#api.proposals(share.id);
      return proposals.map((proposal) => ({ kind: "proposal", share, proposal }));
    } catch (error) {
      return [{ kind: "failure", reason: reasonOf(error) }];
    }
  }

  async #changesOf(share: Share): Promise<ShareNode[]> {
    try {
      const { changes, total } = await this.#api.changes(share.id);
      if (changes.length === 0) return [{ kind: "note", text: t("Nothing yet") }];
      const rows: ShareNode[] = changes.map((change) => ({ kind: "change", share, change }));
      const left = total - changes.length;
      if (left > 0) rows.push({ kind: "note", text: t("{0} more files, most of them new, are not listed here", left) });
      return rows;
    } catch (error) {
      return [{ kind: "failure", reason: reasonOf(error) }];
    }
  }
}

function partsOf(share: Share, terminals: readonly ShownTerminal[]): ShareNode[] {
  return [
    { kind: "level", share },
    { kind: "time", share },
    ...(share.note === "" ? [] : [{ kind: "note" as const, text: share.note }]),
    ...share.requests.map((request) => ({ kind: "request" as const, share, request })),
    ...terminals.map((shown) => ({ kind: "terminal" as const, share, shown })),
    ...share.guests.map((guest) => ({ kind: "guest" as const, share, guest })),
    ...(share.level === "view" || share.level === "app" ? [] : [{ kind: "changes" as const, share }]),
  ];
}

/** In full: the row of the share is cut off where the view is narrow. */
function levelItem({ level, permission, promise }: Share): TreeItem {
  const item = iconItem(permission, iconOf(level));
  item.description = promise;
  item.tooltip = t("Guests {0}.", promise);
  return item;
}

function timeItem(share: Share): TreeItem {
  const item = iconItem(timeLeftInWords(share, Date.now()), share.expires_at === null ? "infinity" : "clock");
  const end = endInWords(share);
  if (end !== undefined) item.description = end;
  return item;
}

function versionsOf({ share, change }: ChangeRow): ShareNode[] {
  return (change.versions ?? []).map((version) => ({ kind: "version", share, change, version }));
}

function shareItem(share: Share): TreeItem {
  const item = new TreeItem(shareInWords(share), TreeItemCollapsibleState.Expanded);
  const present = guestsOnline(share).length;
  const warning = share.made_during === null ? [] : [t("made while Terminal Access was in use")];
  const facts = [
    share.permission,
    timeLeftInWords(share, Date.now()),
    recipientInWords(share),
    ...(share.approve ? [t("you accept each guest")] : []),
    ...appInWords(share.app),
    ...(present === 0 ? [] : [guestsInWords(present)]),
    ...warning,
  ];
  item.id = share.id;
  item.description = facts.join(" · ");
  item.iconPath = new ThemeIcon(iconOf(share.level), new ThemeColor(colorOf(share)));
  item.tooltip = [t("Guests {0}.", share.promise), ...placeOf(share), ...facts].join("\n");
  item.contextValue = [
    "share",
    share.with === null ? "link" : "named",
    share.app ? `app ${share.app.state}` : "",
    share.level === "view" || share.level === "app" ? "" : "lowerable",
    share.approve ? "approved" : "open",
    present > 0 ? "present" : "",
  ].join(" ");
  return item;
}

/** By what guests can do. */
function colorOf({ level, app }: Share): string {
  if (level === "terminal" || app?.runs_code) return "charts.red";
  return level === "view" ? "charts.green" : "charts.yellow";
}

function placeOf(share: Share): string[] {
  if (share.app) return share.app.reason === "" ? [] : [share.app.reason];
  const first = firstFileInWords(share);
  return first === undefined ? [share.root] : [share.root, first];
}

function appInWords(app: Share["app"]): string[] {
  if (!app || app.state === "ready") return [];
  const words = {
    stopped: t("not running"),
    starting: t("starting"),
    failed: t("did not start"),
    paused: t("paused: another program has its port"),
  };
  return [words[app.state]];
}

function requestItem({ share, request }: RequestRow): TreeItem {
  const item = iconItem(request.hub_user ?? request.name, "person-add");
  item.id = `${share.id}-${request.request}`;
  item.iconPath = new ThemeIcon("person-add", new ThemeColor("charts.orange"));
  item.description = [
    t("asks to join"),
    request.hub_user === null ? t("name not verified") : t("logged in at the hub"),
  ].join(" · ");
  item.contextValue = "request";
  return item;
}

function proposalItem(node: ProposalRow): TreeItem {
  const { user, message, author, commits, changes, id } = node.proposal;
  const item = iconItem(t("{0} proposes a change", user), "git-pull-request");
  const [subject = ""] = message.split("\n");
  item.id = `proposal-${id}`;
  item.description = subject;
  const counts = t("Commits: {0}, files: {1}", commits, changes.length);
  const claimed = t("Author, as the commit claims: {0}", author);
  item.tooltip = [message, claimed, counts, ...changes.map(({ what, path }) => `${what}: ${path}`)].join("\n");
  item.contextValue = "proposal";
  item.command = { command: "waiide.proposal.open", title: t("Show What Changed"), arguments: [node] };
  return item;
}

function guestItem({ share, guest }: { readonly share: Share; readonly guest: Guest }): TreeItem {
  const item = iconItem(guest.hub_user ?? guest.name, guest.present ? "person-filled" : "person");
  item.id = `${share.id}-${guest.session}`;
  item.description = [
    guest.present ? t("online") : t("offline"),
    ...(guest.level === share.level ? [] : [guest.permission]),
    guest.hub_user === null ? t("name not verified") : t("logged in at the hub"),
  ].join(" · ");
  item.contextValue = [
    "guest",
    ...(guest.level === "view" || guest.level === "app" ? [] : ["lowerable"]),
    ...(guest.present ? ["present"] : []),
  ].join(" ");
  return item;
}

function terminalItem({ name, guests }: ShownTerminal): TreeItem {
  const item = iconItem(name, "eye");
  item.description = t("terminal, watched by {0}", guestsInWords(guests));
  item.contextValue = "terminal";
  return item;
}

const changeIcons: Readonly<Record<GuestChange["what"], string>> = {
  created: "diff-added",
  changed: "diff-modified",
  deleted: "diff-removed",
  renamed: "diff-renamed",
};

function changeItem(node: ChangeRow): TreeItem {
  const { path, what, to, who, at, original, edits, changed_since } = node.change;
  const item = iconItem(to ?? path, changeIcons[what]);
  const words = {
    created: t("created"),
    changed: t("changed"),
    deleted: t("deleted"),
    renamed: t("renamed from {0}", path),
  };
  const others = othersInWords(node.change);
  item.description = [words[what], ...others.short, who, new Date(at).toLocaleTimeString()].join(" · ");
  item.tooltip = [to ?? path, ...others.long].join("\n");
  item.contextValue = [
    "change",
    ...(original && what !== "created" ? ["restorable"] : []),
    ...(changed_since && edits !== "unknown" ? ["since"] : []),
  ].join(" ");
  item.command = { command: "waiide.change.open", title: t("Show What Changed"), arguments: [node] };
  if (node.change.versions !== undefined) item.collapsibleState = TreeItemCollapsibleState.Expanded;
  return item;
}

/** Whether somebody else changed the file, too: the owner, or a program. */
function othersInWords({ edits, changed_since }: GuestChange): {
  readonly short: readonly string[];
  readonly long: readonly string[];
} {
  if (edits === "mixed")
    return {
      short: [t("others changed the same lines")],
      long: [t("Guests' changes cannot be told apart from others'. The comparison shows all of them.")],
    };
  if (edits !== "both") return { short: [], long: [] };
  return {
    short: [changed_since ? t("you changed it since") : t("you changed it, too")],
    long: [
      t("You, or a program, changed it, too. The comparison shows what guests changed; restoring keeps the rest."),
    ],
  };
}

function versionItem(node: VersionRow): TreeItem {
  const { who, at } = node.version;
  const item = iconItem(t("Version of {0}", who), "versions");
  item.description = [t("you both changed the same lines"), new Date(at).toLocaleTimeString()].join(" · ");
  item.contextValue = "version";
  item.command = { command: "waiide.version.open", title: t("Compare"), arguments: [node] };
  return item;
}

function iconItem(label: string, icon: string): TreeItem {
  const item = new TreeItem(label);
  item.iconPath = new ThemeIcon(icon);
  item.tooltip = label;
  return item;
}
