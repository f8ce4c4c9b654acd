import { type Disposable, type TextDocumentContentProvider, Uri, window, workspace } from "vscode";
import { tellFailure } from "../create/sharing.ts";
import type { ShareApi } from "../shares/api.ts";
import { t } from "../text/translation.ts";
import { harmless } from "../text/words.ts";
import { rowCommand } from "../views/row-command.ts";
import type { ProposalRow } from "../views/shares-tree.ts";

type ProposalApi = Pick<ShareApi, "patch" | "acceptProposal" | "declineProposal">;

const scheme = "waiide-proposal";

/** Proposals as read-only text; nothing of them is opened as a file. */
class Patches implements TextDocumentContentProvider {
  readonly #api: Pick<ShareApi, "patch">;

  constructor(api: Pick<ShareApi, "patch">) {
    this.#api = api;
  }

  provideTextDocumentContent({ query }: Uri): Promise<string> {
    const [share = "", proposal = ""] = query.split("/").map(decodeURIComponent);
    return this.#api.patch(share, proposal);
  }
}

/** Changes that guests pushed to a shared commit: looked at, accepted as a branch, or declined. */
export function registerProposals(api: ProposalApi): Disposable[] {
  return [
    workspace.registerTextDocumentContentProvider(scheme, new Patches(api)),
    rowCommand("waiide.proposal.open", open),
    rowCommand("waiide.proposal.accept", (row: ProposalRow) => accept(api, row)),
    rowCommand("waiide.proposal.decline", (row: ProposalRow) => decline(api, row)),
  ];
}

async function open({ share, proposal }: ProposalRow): Promise<void> {
  const query = [share.id, proposal.id].map(encodeURIComponent).join("/");
  const path = `/${proposal.user.replaceAll("/", "_")}.diff`;
  await window.showTextDocument(await workspace.openTextDocument(Uri.from({ scheme, path, query })));
}

async function accept(api: ProposalApi, { share, proposal }: ProposalRow): Promise<void> {
  const branch = await window.showInputBox({
    title: t("Accept as Branch"),
    prompt: t("Name of the new branch. Nothing is checked out or merged."),
    value: proposal.branch,
    ignoreFocusOut: true,
  });
  if (branch === undefined || branch === "") return;
  try {
    await api.acceptProposal(share.id, proposal.id, branch);
    void window.showInformationMessage(t("Your repository has the new branch {0}.", harmless(branch)));
  } catch (error) {
    await tellFailure(error);
  }
}

async function decline(api: ProposalApi, { share, proposal }: ProposalRow): Promise<void> {
  const yes = t("Decline");
  const message = t("Decline what {0} proposed?", harmless(proposal.user));
  const detail = t("It is deleted. They can propose another change.");
  if ((await window.showWarningMessage(message, { modal: true, detail }, yes)) !== yes) return;
  try {
    await api.declineProposal(share.id, proposal.id);
  } catch (error) {
    await tellFailure(error);
  }
}
