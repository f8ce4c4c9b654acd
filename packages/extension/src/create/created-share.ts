import type { CreatedShare } from "@waiide/protocol";
import { env, QuickPickItemKind, ThemeIcon, type Uri, window } from "vscode";
import { t } from "../text/translation.ts";
import { kindInWords, recipientInWords, timeLeftInWords } from "../text/words.ts";
import { mailFor } from "./mail.ts";
import { leadsOnlyHere } from "./only-here.ts";
import { showQrCode } from "./qr-code.ts";

export interface LinkOffer {
  readonly owner: string;
  /** The link is on the clipboard already. */
  readonly isCopied?: boolean;
  /** Lets the owner change the share. @returns the share as it is then; undefined: it has ended */
  change(share: CreatedShare): Promise<CreatedShare | undefined>;
}

/** Offers actions for a new link. Stays open until Esc, because people use more than one. */
export async function offerLink(made: CreatedShare, { owner, isCopied = false, change }: LinkOffer): Promise<void> {
  let share = made;
  const done = new Set(isCopied ? ["copy"] : []);
  for (;;) {
    const action = await pickAction(share, done);
    if (action === undefined) return;
    if (action.id === "change") {
      const changed = await change(share);
      if (changed === undefined) return;
      if (changed.url !== share.url) {
        await copyLink(changed.url);
        done.clear();
        done.add("copy");
      }
      share = changed;
      continue;
    }
    await action.run(share, owner);
    // The dialog would cover it.
    if (action.id === "code") return;
    done.add(action.id);
  }
}

interface LinkAction {
  readonly id: string;
  readonly icon: string;
  readonly label: () => string;
  readonly detail?: () => string;
  readonly done: () => string;
  run(share: CreatedShare, owner: string): unknown;
}

const actions: readonly LinkAction[] = [
  {
    id: "copy",
    icon: "copy",
    label: () => t("Copy Link"),
    done: () => t("copied"),
    run: ({ url }) => copyLink(url),
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
  {
    id: "code",
    icon: "device-mobile",
    label: () => t("Show QR Code"),
    done: () => t("opened"),
    run: (share) => showQrCode(share, factsOf(share)),
  },
  {
    id: "change",
    icon: "settings",
    label: () => t("Change…"),
    detail: () => t("Level, expiry, people, or revoke it"),
    done: () => "",
    run: () => undefined,
  },
];

/** The line which says that nobody else can open the link. It is no action. */
function warningFor({ url }: CreatedShare) {
  if (!leadsOnlyHere(url)) return [];
  const label = t("Nobody else can open this link");
  const detail = t("{0} is everybody’s own computer. What to do…", new URL(url).hostname);
  return [{ label, detail, iconPath: new ThemeIcon("warning"), action: undefined }];
}

async function tellRemedy({ url }: CreatedShare): Promise<void> {
  const message = t("Nobody else can open this link");
  const detail = t(
    "You opened this IDE at {0}, which is everybody’s own computer. Start WAIIDE for other machines too (waiide --host 0.0.0.0 --auth token), or behind a web server or a hub, and open it at an address that others can reach; links then begin with it. Where you must use another address than they do, as through an SSH tunnel, set --public-url to theirs.",
    new URL(url).host,
  );
  await window.showInformationMessage(message, { modal: true, detail });
}

async function pickAction(share: CreatedShare, done: ReadonlySet<string>): Promise<LinkAction | undefined> {
  const items = actions.map((action) => ({
    action,
    label: action.label(),
    iconPath: new ThemeIcon(done.has(action.id) ? "check" : action.icon),
    ...(done.has(action.id) ? { description: action.done() } : {}),
    ...(action.detail === undefined ? {} : { detail: action.detail() }),
  }));
  // The link is always visible: VS Code does not always notice that the browser opened no window.
  const link = { label: share.url, kind: QuickPickItemKind.Separator, action: undefined };
  const title = factsOf(share);
  const placeHolder = done.has("copy") ? t("Link copied. Press Esc to close.") : t("Link created. Press Esc to close.");
  for (;;) {
    const all = [link, ...items, ...warningFor(share)];
    const picked = await window.showQuickPick(all, { title, placeHolder, ignoreFocusOut: true });
    if (picked === undefined || picked.action !== undefined) return picked?.action;
    await tellRemedy(share);
  }
}

function factsOf(share: CreatedShare): string {
  return t(
    "{0} of {1}, {2}: {3}",
    share.permission,
    kindInWords(share.scope, share.commit),
    recipientInWords(share),
    timeLeftInWords(share, Date.now()),
  );
}

export async function copyLink(link: string): Promise<void> {
  await env.clipboard.writeText(link);
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
