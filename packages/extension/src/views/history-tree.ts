import type { AuditEntry, AuditEvent } from "@waiide/protocol";
import { EventEmitter, ThemeIcon, type TreeDataProvider, TreeItem } from "vscode";
import { reasonOf } from "../gateway/gateway.ts";
import type { ShareApi } from "../shares/api.ts";
import { t } from "../text/translation.ts";

type HistoryNode =
  | { readonly kind: "entry"; readonly entry: AuditEntry }
  | { readonly kind: "more" }
  | { readonly kind: "text"; readonly text: string };

const events: Readonly<Record<AuditEvent, { readonly icon: string; readonly words: () => string }>> = {
  create: { icon: "add", words: () => t("Shared") },
  change: { icon: "edit", words: () => t("Share changed") },
  link: { icon: "link", words: () => t("New link") },
  request: { icon: "person-add", words: () => t("Guest asked to join") },
  accept: { icon: "check", words: () => t("Guest accepted") },
  decline: { icon: "close", words: () => t("Guest declined") },
  enter: { icon: "sign-in", words: () => t("Guest joined") },
  leave: { icon: "sign-out", words: () => t("Guest left") },
  refuse: { icon: "shield", words: () => t("Refused") },
  write: { icon: "save", words: () => t("Guest saved a file") },
  take: { icon: "cloud-download", words: () => t("Guest took a copy") },
  "send-copy": { icon: "cloud-upload", words: () => t("Guest sent a copy to a server of the hub") },
  propose: { icon: "git-pull-request", words: () => t("Guest proposed a change") },
  "accept-proposal": { icon: "git-branch", words: () => t("Proposal accepted as a branch") },
  "decline-proposal": { icon: "close", words: () => t("Proposal declined") },
  say: { icon: "comment", words: () => t("Message written") },
  comment: { icon: "comment", words: () => t("Comment written") },
  "resolve-comments": { icon: "pass", words: () => t("Comments resolved or reopened") },
  "delete-comment": { icon: "trash", words: () => t("Comment deleted") },
  "lower-guest": { icon: "arrow-down", words: () => t("Guest’s level lowered") },
  "remove-guest": { icon: "person-remove", words: () => t("Guest removed") },
  expire: { icon: "watch", words: () => t("Share expired") },
  revoke: { icon: "circle-slash", words: () => t("Share revoked") },
  "show-terminal": { icon: "terminal", words: () => t("Terminal shown to guests") },
  "stop-terminal": { icon: "terminal", words: () => t("Terminal no longer shown") },
  "open-app": { icon: "browser", words: () => t("Guest opened the app") },
  "close-app": { icon: "browser", words: () => t("Guest closed the app") },
  "start-app": { icon: "play", words: () => t("App started for guests") },
  "pause-app": { icon: "debug-pause", words: () => t("App paused") },
  "resume-app": { icon: "debug-continue", words: () => t("App resumed") },
  kill: { icon: "debug-stop", words: () => t("Processes ended") },
};

/** The audit log, newest first, in pages. All of it is plain text (RULES R17). */
export class HistoryTree implements TreeDataProvider<HistoryNode> {
  readonly #api: Pick<ShareApi, "audit">;
  readonly #changed = new EventEmitter<HistoryNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #pages = 1;

  constructor(api: Pick<ShareApi, "audit">) {
    this.#api = api;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  /** Shows one more page. */
  more(): void {
    this.#pages += 1;
    this.refresh();
  }

  async getChildren(): Promise<HistoryNode[]> {
    try {
      const nodes: HistoryNode[] = [];
      let before: number | undefined;
      for (let page = 0; page < this.#pages; page += 1) {
        const { entries, next } = await this.#api.audit(before);
        nodes.push(...entries.map((entry) => ({ kind: "entry" as const, entry })));
        if (next === null) return nodes.length === 0 ? [{ kind: "text", text: t("Nothing has happened yet") }] : nodes;
        before = next;
      }
      return [...nodes, { kind: "more" }];
    } catch (error) {
      return [{ kind: "text", text: reasonOf(error) }];
    }
  }

  getTreeItem(node: HistoryNode): TreeItem {
    if (node.kind === "entry") return entryItem(node.entry);
    const item = new TreeItem(node.kind === "more" ? t("Show more") : node.text);
    if (node.kind === "more") item.command = { command: "waiide.history.more", title: t("Show more") };
    return item;
  }
}

function entryItem({ event, at, who, details, id }: AuditEntry): TreeItem {
  const { icon, words } = events[event];
  const item = new TreeItem(words());
  const time = new Date(at);
  const told = Object.entries(details).filter(([, value]) => value !== null && value !== "");
  const path = details.path ?? details.terminal;
  item.id = String(id);
  item.iconPath = new ThemeIcon(icon);
  item.description = [who, ...(typeof path === "string" && path !== "" ? [path] : []), time.toLocaleString()].join(
    " · ",
  );
  item.tooltip = [
    `${words()}: ${who}`,
    time.toLocaleString(),
    ...told.map(([name, value]) => `${name}: ${value}`),
  ].join("\n");
  return item;
}
