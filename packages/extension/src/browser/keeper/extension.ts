import { commands, type ExtensionContext, l10n, window, workspace } from "vscode";
import { t, translateWith } from "../../text/translation.ts";
import { plainText } from "../../text/words.ts";
import { Comparisons, keptScheme } from "./comparison.ts";
import { Keeper } from "./keeper.ts";
import type { KeptText } from "./kept-text.ts";
import { Offers } from "./offer.ts";
import { registerSignOut } from "./sign-out.ts";
import { KeptStore } from "./store.ts";
import { Windows } from "./windows.ts";

/**
 * Keeps unsaved text in this browser, and offers what an earlier load of the page left. It runs in the page (VS Code's web
 * worker), so that it works without the server.
 */
export async function activate(context: ExtensionContext): Promise<void> {
  translateWith((message, ...values) => l10n.t(message, ...values));
  const { page, mount } = locationOf(context.extensionUri.path);
  context.subscriptions.push(registerSignOut(page));
  const place = `${mount} ${workspaceName()}`;
  let store: KeptStore;
  try {
    store = await KeptStore.open();
  } catch (error) {
    // The browser stores no site data: the page then promises nothing.
    console.warn("WAIIDE cannot keep unsaved text in this browser", error);
    return;
  }
  const windows = new Windows(place, page);
  const keeper = new Keeper(store, place, page);
  const offered = new Map<string, KeptText>();
  const comparisons = new Comparisons((file, from) => offered.get(`${from} ${file}`));
  const offers = new Offers(store, comparisons);
  const offerAll = async (): Promise<number> => {
    const living = await windows.open();
    const left = (await store.all(place, Date.now())).filter((kept) => !living.has(kept.page));
    for (const kept of left) offered.set(`${kept.page} ${kept.uri}`, kept);
    for (const kept of left) void offers.offer(kept).catch(tell);
    return left.length;
  };
  context.subscriptions.push(
    { dispose: () => keeper.close() },
    { dispose: () => windows.close() },
    { dispose: () => store.close() },
    comparisons,
    workspace.registerTextDocumentContentProvider(keptScheme, comparisons),
    commands.registerCommand("waiide.keptText", async () => {
      if ((await offerAll()) === 0)
        void window.showInformationMessage(t("This browser has no unsaved text of this workspace."));
    }),
  );
  keeper.start();
  await offerAll();
}

/** The gateway serves this extension at `{mount}waiide-keeper/{page}`: both are parts of its URL. */
function locationOf(path: string): { readonly page: string; readonly mount: string } {
  const parts = path.replace(/\/$/, "").split("/");
  return { page: parts.at(-1) ?? "", mount: `${parts.slice(0, -2).join("/")}/` };
}

/** Windows with different workspaces do not offer each other's texts. */
function workspaceName(): string {
  const { workspaceFile, workspaceFolders = [] } = workspace;
  return workspaceFile?.path ?? workspaceFolders.map(({ uri }) => uri.path).join(" ");
}

function tell(error: unknown): void {
  const reason = plainText(error instanceof Error ? error.message : String(error));
  void window.showErrorMessage(t("WAIIDE could not do that: {0}", reason));
}
