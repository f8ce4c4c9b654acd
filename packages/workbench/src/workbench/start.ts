import { getService, initialize } from "@codingame/monaco-vscode-api";
import { ICodeEditorService } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/services/codeEditorService.service";
import { ILanguageFeaturesService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/languageFeatures.service";
import { ILabelService } from "@codingame/monaco-vscode-api/vscode/vs/platform/label/common/label.service";
import { LogLevel } from "@codingame/monaco-vscode-api/vscode/vs/platform/log/common/log";
import { INotificationService } from "@codingame/monaco-vscode-api/vscode/vs/platform/notification/common/notification.service";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import { ISearchService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/search/common/search.service";
import { IStatusbarService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/statusbar/browser/statusbar.service";
import { ITextFileService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles.service";
import { IWorkbenchThemeService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/themes/common/workbenchThemeService.service";
import { IWorkingCopyBackupService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/workingCopy/common/workingCopyBackup.service";
import { registerCustomProvider } from "@codingame/monaco-vscode-files-service-override";
import type { Placement, Shared, Thread } from "@waiide/protocol";
import "./extensions.ts";
import "../panes/panes.css";
import "./sign.css";
import { Documents } from "../documents/documents.ts";
import { SelectionLines } from "../documents/selection-lines.ts";
import { Addresses, shareScheme } from "../files/addresses.ts";
import { GuestFiles } from "../files/provider.ts";
import { ReadOnlyReasons } from "../files/read-only-reasons.ts";
import { Times } from "../files/times.ts";
import { registerFollow } from "../follow/register-follow.ts";
import { registerOutlines } from "../outline/register.ts";
import { savedByGateway } from "../overrides/auto-save.ts";
import { ignoreCancellations } from "../overrides/cancellations.ts";
import { firstColours } from "../overrides/color-scheme.ts";
import { countFileLines } from "../overrides/line-numbers.ts";
import { filesConfiguration } from "../overrides/read-only-files.ts";
import { removeUnavailableCommands } from "../overrides/unavailable-commands.ts";
import { keepUserData } from "../overrides/user-data.ts";
import { offerWritableCommandsOnly } from "../overrides/writable-commands.ts";
import type { Bar } from "../page/bar.ts";
import { offerCopy } from "../page/copy-offer.ts";
import { element } from "../page/element.ts";
import type { PageData } from "../page/page-data.ts";
import { registerImages } from "../panes/image.ts";
import { registerMarkdownPreview } from "../panes/markdown-preview.ts";
import { registerNotebooks } from "../panes/notebook.ts";
import { registerOwnVersions } from "../panes/own-versions.ts";
import { offerBinaryDownloads, registerViewers } from "../panes/viewers.ts";
import { Presence } from "../session/presence.ts";
import type { Session } from "../session/session.ts";
import type { Talk } from "../talk/talk.ts";
import { TerminalPanel } from "../terminal/terminal-panel.ts";
import { openFirstFile } from "./first-file.ts";
import { fitLayout, isNarrow } from "./layout.ts";
import { onceInAWhile } from "./once-in-a-while.ts";
import { openingLayout } from "./opening.ts";
import { ServerSearch } from "./search.ts";
import { workbenchServices } from "./services.ts";
import { defaultSettings, isSingleFile } from "./settings.ts";
import { provideWorkers } from "./workers.ts";

export interface StartOptions {
  readonly session: Session;
  readonly bar: Bar;
  readonly frame: HTMLElement;
  readonly data: PageData;
  readonly talk: Pick<Talk, "onChosen">;
}

/** Opens the workbench on the share. The session must be open. */
export async function startWorkbench({ session, bar, frame, data, talk }: StartOptions): Promise<Documents> {
  const { share } = session.welcome;
  const addresses = new Addresses(share.root_name);
  const times = new Times();
  const documents = new Documents(session, addresses);
  const reasons = new ReadOnlyReasons(session);
  const files = new GuestFiles({ session, addresses, documents, times, reasons, base: data.base });
  registerCustomProvider(shareScheme, files);
  documents.decideConflicts();
  ignoreCancellations();
  provideWorkers();
  removeUnavailableCommands();
  offerWritableCommandsOnly();
  registerMarkdownPreview(addresses);
  registerImages();
  registerViewers(addresses, data.base);
  const live = import("../live/start-live.ts");
  const isKept = await keepUserData(data.share, session);

  const container = element("div", { class: "workbench" });
  frame.append(container);
  const folder = share.scope.kind === "folder" ? share.scope.path : "";
  const configuration = savedByGateway(filesConfiguration(addresses, reasons), {
    isLive: (resource) => documents.isLive(addresses.pathOf(resource) ?? ""),
    isOverdue: (resource) => documents.isOverdue(addresses.pathOf(resource) ?? ""),
  });
  await initialize(workbenchServices(configuration), container, {
    workspaceProvider: {
      trusted: true,
      workspace: isSingleFile(share.scope) ? undefined : { folderUri: addresses.uriOf(folder) },
      open: async () => false,
    },
    developmentOptions: { logLevel: LogLevel.Warning },
    configurationDefaults: { ...defaultSettings(share.level, share.scope, isNarrow()) },
    initialColorTheme: firstColours(),
    defaultLayout: openingLayout(share.scope, addresses),
    productConfiguration: { nameShort: "WAIIDE", nameLong: "WAIIDE", applicationName: "waiide" },
  });

  documents.attach({
    textFiles: await getService(ITextFileService),
    editors: await getService(IEditorService),
    backups: await getService(IWorkingCopyBackupService),
  });
  const notifications = await getService(INotificationService);
  const say = onceInAWhile((message) => notifications.warn(message));
  files.onUnreadable.listen(say);
  const liveFiles = await (await live).startLive({ session, documents, addresses, say });
  new ServerSearch(session, addresses, say).register(await getService(ISearchService));
  (await getService(ILabelService)).registerFormatter({
    scheme: shareScheme,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the workbench's own template
    formatting: { label: "${path}", separator: "/", stripPathStartingSeparator: true },
  });
  await registerNotebooks(addresses);
  await offerBinaryDownloads();
  await registerOwnVersions(session, addresses, bar);
  registerOutlines(await getService(ILanguageFeaturesService));
  if (!isKept) bar.remark("Your browser keeps no site data: do not close this page before your changes are saved.");
  await followTheme();
  await fitLayout(share.scope, bar, frame);
  if (share.scope.kind === "selection") await followSelection(share.scope.line, documents, bar);
  session.onReturn.listen(() => files.refresh(documents.open));
  const presence = new Presence(session);
  documents.onActive.listen((path) => presence.looksAt(path));
  presence.looksAt(documents.active);
  await registerFollow({ session, bar, frame, presence, addresses, live: liveFiles });
  talk.onChosen.listen((thread) => void openLines(thread, addresses));
  offerCopy(session, bar);
  new TerminalPanel({ session, bar, opensByItself: !isNarrow() });
  if (share.commit !== undefined) {
    const { CommitView } = await import("../commit/commit-view.ts");
    const { base } = data;
    await CommitView.register({ session, bar, frame, addresses, base, opensByItself: !isNarrow() });
  }
  performance.mark("waiide/workbench");
  // After everything else that a guest waits for.
  void openFirstFile(session.welcome, addresses).then(() => offerComments(session, addresses));
  return documents;
}

async function openLines({ path, line }: Thread, addresses: Addresses): Promise<void> {
  const selection = { startLineNumber: line, startColumn: 1 };
  await (await getService(IEditorService)).openEditor({ resource: addresses.uriOf(path), options: { selection } });
}

/** Loads the comments on lines, once people in the share may write any. */
function offerComments(session: Session, addresses: Addresses): void {
  let isStarted = false;
  const start = async ({ talk }: Shared) => {
    if (!talk || isStarted) return;
    isStarted = true;
    const { startComments } = await import("../comments/start-comments.ts");
    await startComments(session, addresses);
  };
  session.onShare.listen((share) => void start(share));
  requestIdleCallback(() => void start(session.welcome.share), { timeout: 5_000 });
}

/** Real line numbers, wherever lines are counted, and the mark of RULES R12. */
async function followSelection(line: number, documents: Documents, bar: Bar): Promise<void> {
  const lines = new SelectionLines(await getService(ICodeEditorService), line);
  countFileLines(lines, await getService(IEditorService), await getService(IStatusbarService));
  const show = (placement: Placement) => {
    lines.moveTo(placement.line);
    bar.remark(
      placement.outdated
        ? "Out of date: the file has changed, and the position of this part is no longer certain."
        : "",
    );
  };
  documents.onPlacement.listen(show);
  // The text was read while the workbench started.
  if (documents.placement !== undefined) show(documents.placement);
}

/** Gives the bar, which is outside of the workbench, the workbench's colors. */
async function followTheme(): Promise<void> {
  const themes = await getService(IWorkbenchThemeService);
  const show = () => {
    const { type } = themes.getColorTheme();
    document.body.dataset.theme = { dark: "dark", light: "light", hcDark: "hc-dark", hcLight: "hc-light" }[type];
  };
  themes.onDidColorThemeChange(show);
  show();
}
