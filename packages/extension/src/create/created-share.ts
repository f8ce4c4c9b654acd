import type { CreatedShare } from "@waiide/protocol";
import { env, QuickPickItemKind, ThemeIcon, type Uri, window } from "vscode";
import { t } from "../text/translation.ts";
import { kindInWords, recipientInWords, timeLeftInWords } from "../text/words.ts";
import { mailFor } from "./mail.ts";

/** Offers actions for a new link. Stays open until Esc, because people use more than one. */
export async function offerLink(share: CreatedShare, owner: string): Promise<void> {
  const done = new Set<string>();
  for (;;) {
    const action = await pickAction(share, done);
    if (action === undefined) return;
    await action.run(share, owner);
    done.add(action.id);
  }
}

interface LinkAction {
  readonly id: string;
  readonly icon: string;
  readonly label: () => string;
  readonly done: () => string;
  run(share: CreatedShare, owner: string): Promise<void>;
}

const actions: readonly LinkAction[] = [
  {
    id: "copy",
    icon: "copy",
    label: () => t("Copy Link"),
    done: () => t("copied"),
    run: async ({ url }) => env.clipboard.writeText(url),
  },
  {
    id: "open",
    icon: "link-external",
    label: () => t("Open in Browser"),
    done: () => t("opened"),
    run: ({ url }) => openLink(url),
  },
  {
    id: "mail",
    icon: "mail",
    label: () => t("Share via Email"),
    done: () => t("opened"),
    run: (share, owner) => openExactly(mailFor(share, owner), share.url),
  },
];

async function pickAction(share: CreatedShare, done: ReadonlySet<string>): Promise<LinkAction | undefined> {
  const items = actions.map((action) => ({
    action,
    label: action.label(),
    iconPath: new ThemeIcon(done.has(action.id) ? "check" : action.icon),
    ...(done.has(action.id) ? { description: action.done() } : {}),
  }));
  // The link is always visible: VS Code does not always notice that the browser opened no window.
  const link = { label: share.url, kind: QuickPickItemKind.Separator, action: undefined };
  const title = t(
    "{0} of {1}, {2}: {3}",
    share.permission,
    kindInWords(share.scope, share.commit),
    recipientInWords(share),
    timeLeftInWords(share, Date.now()),
  );
  const placeHolder = t("Link created. Press Esc to close.");
  const picked = await window.showQuickPick([link, ...items], { title, placeHolder, ignoreFocusOut: true });
  return picked?.action;
}

export function openLink(url: string): Promise<void> {
  return openExactly(url, url);
}

/**
 * Opens a URL unchanged: VS Code would encode `#` and `%` of a `Uri` again (vscode#85930), but keeps a string. Shows the link
 * if the browser opens no window.
 */
async function openExactly(address: string, link: string): Promise<void> {
  const isOpened = await env.openExternal(address as unknown as Uri).then(undefined, () => false);
  if (!isOpened) await showLink(link);
}

/** Shows a text to copy by hand. */
async function showLink(value: string): Promise<void> {
  const prompt = t("The browser opened no window. Copy the link:");
  await window.showInputBox({ value, prompt, ignoreFocusOut: true, valueSelection: [0, value.length] });
}
