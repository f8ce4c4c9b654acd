import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Share } from "@waiide/protocol";
import { commands, type ExtensionContext, l10n, type Uri, window } from "vscode";
import { startActivity } from "./activity/activity.ts";
import { allHostsRun } from "./comments/extension-hosts.ts";
import { MovedFilesTold } from "./comments/moved-files.ts";
import { OwnerComments } from "./comments/owner-comments.ts";
import { offerExtensions } from "./copies/copied-extensions.ts";
import { runSetUp } from "./copies/set-up.ts";
import { portOfRow } from "./create/app-target.ts";
import { chooseCommit } from "./create/commit-target.ts";
import { copyLink } from "./create/created-share.ts";
import type { Draft } from "./create/draft.ts";
import { registerShareProvider } from "./create/share-provider.ts";
import { SharingFlow } from "./create/sharing.ts";
import { activeFile, placeOf, selectionIn } from "./create/targets.ts";
import { Gateway, reasonOf } from "./gateway/gateway.ts";
import {
  openChange,
  openSince,
  openVersion,
  registerBefore,
  restoreChange,
  restoreVersion,
} from "./guest-changes/guest-changes.ts";
import { OwnerSaves } from "./guest-changes/owner-saves.ts";
import { LiveStart } from "./live-here/live-start.ts";
import { ProposalNotice } from "./proposals/notice.ts";
import { registerProposals } from "./proposals/proposals.ts";
import { registerServerCommands } from "./server/commands.ts";
import { showDoctor } from "./server/doctor.ts";
import { reloadIfFoldersAreLost } from "./server/lost-folders.ts";
import { tellFailedExtensions } from "./server/missing-extensions.ts";
import { registerNotebookHelp } from "./server/notebook-help.ts";
import { registerRestrictedMode } from "./server/restricted-mode.ts";
import { extendTerminalPath } from "./server/terminal-path.ts";
import { ShareActions } from "./shares/actions.ts";
import { ShareApi } from "./shares/api.ts";
import { tellNews, tellPaused, tellSurvivors } from "./shares/notices.ts";
import { SharedPorts } from "./shares/shared-ports.ts";
import { ShareState } from "./shares/state.ts";
import { StoppedNotice } from "./shares/stopped-notice.ts";
import { TalkView } from "./talk/talk-view.ts";
import { ShownTerminals } from "./terminals/shown-terminals.ts";
import { t, translateWith } from "./text/translation.ts";
import { recipientInWords, shareInWords } from "./text/words.ts";
import { HistoryTree } from "./views/history-tree.ts";
import { rowCommand } from "./views/row-command.ts";
import {
  type ChangeRow,
  type GuestRow,
  type RequestRow,
  type ShareRow,
  SharesTree,
  type VersionRow,
} from "./views/shares-tree.ts";
import { SharesView } from "./views/shares-view.ts";
import { StatusBar } from "./views/status-bar.ts";
import { WaitingItem } from "./views/waiting-item.ts";

/** The owner's IDE has the path of the control socket in its environment. A Terminal Access guest's IDE does not: the extension does nothing there. */
export function activate(context: ExtensionContext): void {
  const socketPath = process.env.WAIIDE_CONTROL_SOCKET;
  if (!socketPath) return;
  translateWith((message, ...values) => l10n.t(message, ...values));
  extendTerminalPath(context);
  const gateway = new Gateway(socketPath);
  const api = new ShareApi(gateway);
  const statusBar = new StatusBar();
  const waiting = new WaitingItem();
  const live = new LiveStart(() => {
    const { liveHere } = require(
      context.asAbsolutePath("dist/live-here.cjs"),
    ) as typeof import("./live-here/live-here.ts");
    return liveHere(socketPath);
  });
  const stopped = new StoppedNotice();
  const proposed = new ProposalNotice(api);
  const state: ShareState = new ShareState(gateway, api, {
    onChange: (snapshot) => {
      statusBar.show(snapshot, state.guests);
      waiting.show(snapshot.shares);
      view.show(snapshot);
      if (snapshot.shares.length > 0) live.start();
      talk.show(snapshot.shares.map((share) => ({ share: share.id, label: labelOf(share) })));
      comments.show(snapshot);
      if (snapshot.info !== undefined) ports.show(snapshot.shares);
      void commands.executeCommand("setContext", "waiide.talk", snapshot.info?.talk !== false);
    },
    onNews: (news) => void tellNews(news),
    onSurvivors: (event) => void tellSurvivors(event),
    onStopped: (event) => stopped.add(event),
    onSaid: (event) => talk.said(event),
    onPaused: (event) => void state.refresh().then(() => tellPaused(event, state.snapshot.shares)),
    onProposed: (event) => void state.refresh().then(() => proposed.tell(event, state.snapshot.shares)),
    onThread: (event) => comments.take(event),
  });
  const ports = new SharedPorts(context.workspaceState);
  const comments = new OwnerComments(api, allHostsRun());
  const talk = new TalkView({
    id: "waiide.talk",
    talk: (share, before) => api.talk(share, before),
    say: (share, text) => api.say(share, text),
    reasonOf,
    script: () => readFile(context.asAbsolutePath("dist/talk.js"), "utf8"),
    nonce: () => randomBytes(16).toString("base64url"),
    you: () => null,
  });
  const terminals = new ShownTerminals(gateway, state, () => tree.refresh());
  const tree: SharesTree = new SharesTree(api, state, terminals);
  const history = new HistoryTree(api);
  const view = new SharesView(tree, history, state);
  const flow = new SharingFlow(api, state, context.globalState);
  const provider = registerShareProvider(flow);
  context.subscriptions.push(
    statusBar,
    waiting,
    live,
    view,
    talk,
    comments,
    ports,
    new MovedFilesTold(api, () => state.snapshot.shares.length > 0),
    commands.registerCommand("waiide.share.talk", (node?: { readonly share?: Share }) => talk.reveal(node?.share?.id)),
    registerBefore(api),
    ...registerProposals(api),
    terminals,
    new OwnerSaves(api),
    startActivity(gateway),
    registerServerCommands(gateway),
    registerNotebookHelp(),
    ...registerRestrictedMode(gateway),
    ...registerCommands({
      api,
      flow,
      actions: new ShareActions(api, state, flow),
      state,
      view,
      history,
      gateway,
      terminals,
    }),
    ...(provider ? [provider] : []),
    { dispose: () => state.close() },
  );
  void commands.executeCommand("setContext", "waiide.connected", true);
  statusBar.show(state.snapshot, 0);
  state.start();
  reloadIfFoldersAreLost(context.workspaceState).catch((error: unknown) => {
    console.warn("WAIIDE cannot say whether the workspace has all its folders", error);
  });
  tellFailedExtensions(gateway).catch((error: unknown) => {
    console.warn("WAIIDE cannot say which extensions failed", error);
  });
  void runSetUp(gateway);
  void offerExtensions(gateway);
}

interface Parts {
  readonly api: ShareApi;
  readonly flow: SharingFlow;
  readonly actions: ShareActions;
  readonly state: ShareState;
  readonly view: SharesView;
  readonly history: HistoryTree;
  readonly gateway: Gateway;
  readonly terminals: ShownTerminals;
}

function registerCommands({ api, flow, actions, state, view, history, gateway, terminals }: Parts) {
  const share = async (start: Draft) => {
    const made = await flow.run(start);
    if (made !== undefined) await actions.offer(made);
  };
  const shareAtOnce = async () => {
    const made = await flow.runAtOnce();
    if (made === undefined) return;
    await copyLink(made.url);
    await actions.offer(made, true);
  };
  const file = (uri: Uri | undefined, kind: "file" | "folder") => {
    const chosen = uri ?? activeFile();
    return chosen === undefined ? tellNothing() : share(placeOf(chosen, kind));
  };
  const app = (row?: unknown) => {
    const port = portOfRow(row);
    const known = port === undefined ? {} : { app: { port, title: t("port {0}", port) } };
    return share({ level: "app", ...known });
  };
  const selection = () => {
    const place = selectionIn(window.activeTextEditor);
    return place === undefined ? tellNothing() : share(place);
  };
  const commit = async (what: "commit" | "branch") => {
    const start = await chooseCommit(what);
    if (start !== undefined) await share(start);
  };
  // biome-ignore format: a table
  return [
    commands.registerCommand("waiide.share", shareAtOnce),
    commands.registerCommand("waiide.shareWith", () => share({})),
    commands.registerCommand("waiide.shareWorkspace", () => share({ target: { kind: "workspace" } })),
    commands.registerCommand("waiide.shareFile", (uri?: Uri) => file(uri, "file")),
    commands.registerCommand("waiide.shareFolder", (uri?: Uri) => file(uri, "folder")),
    commands.registerCommand("waiide.shareSelection", selection),
    commands.registerCommand("waiide.shareCommit", () => commit("commit")),
    commands.registerCommand("waiide.shareBranch", () => commit("branch")),
    commands.registerCommand("waiide.shareApp", () => app()),
    commands.registerCommand("waiide.sharePort", app),
    rowCommand("waiide.share.openAsGuest", (row: ShareRow) => actions.openAsGuest(row)),
    rowCommand("waiide.share.resume", (row: ShareRow) => actions.resume(row)),
    commands.registerCommand("waiide.shareTerminal", (from?: unknown) => terminals.share(from)),
    commands.registerCommand("waiide.stopSharingTerminal", (from?: unknown) => terminals.stopOf(from)),
    commands.registerCommand("waiide.stopSharingTerminals", () => terminals.stopAll()),
    commands.registerCommand("waiide.revokeAllShares", () => actions.revokeAll()),
    commands.registerCommand("waiide.manageShares", () => actions.manage()),
    rowCommand("waiide.share.copyLink", (row: ShareRow) => actions.copyLink(row)),
    rowCommand("waiide.share.newLink", (row: ShareRow) => actions.newLink(row)),
    rowCommand("waiide.share.changeExpiry", (row: ShareRow) => actions.changeExpiry(row)),
    rowCommand("waiide.share.lowerLevel", (row: ShareRow) => actions.lowerLevel(row)),
    rowCommand("waiide.share.revoke", (row: ShareRow) => actions.revoke(row)),
    commands.registerCommand("waiide.shares.revokeMade", (made) => actions.revokeEach(made)),
    rowCommand("waiide.share.approveGuests", (row: ShareRow) => actions.setApproval(row, true)),
    rowCommand("waiide.share.admitGuests", (row: ShareRow) => actions.setApproval(row, false)),
    rowCommand("waiide.request.accept", (row: RequestRow) => actions.answer(row, "accept")),
    rowCommand("waiide.request.decline", (row: RequestRow) => actions.answer(row, "decline")),
    rowCommand("waiide.guest.follow", (row: GuestRow) => actions.follow(row)),
    rowCommand("waiide.share.followMe", (row: ShareRow) => actions.askToFollow(row)),
    rowCommand("waiide.guest.viewOnly", (row: GuestRow) => actions.makeViewOnly(row)),
    rowCommand("waiide.guest.remove", (row: GuestRow) => actions.removeGuest(row)),
    rowCommand("waiide.change.open", openChange),
    rowCommand("waiide.change.openSince", openSince),
    rowCommand("waiide.change.restore", (row: ChangeRow) => restoreChange(api, row)),
    rowCommand("waiide.version.open", openVersion),
    rowCommand("waiide.version.restore", (row: VersionRow) => restoreVersion(api, row)),
    commands.registerCommand("waiide.shares.refresh", () => {
      view.refresh();
      return state.refresh();
    }),
    commands.registerCommand("waiide.history.more", () => history.more()),
    commands.registerCommand("waiide.doctor", () => showDoctor(gateway)),
  ];
}

/** A share in the list of conversations. */
function labelOf(share: Share): string {
  return [shareInWords(share), share.permission, recipientInWords(share)].join(" · ");
}

function tellNothing(): void {
  void window.showInformationMessage(t("Open a file of this server first. To share a selection, select some of it."));
}
