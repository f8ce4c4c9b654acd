import type { ProposedEvent, Share } from "@waiide/protocol";
import { commands, window, workspace } from "vscode";
import { tellFailure } from "../create/sharing.ts";
import type { ShareApi } from "../shares/api.ts";
import { t } from "../text/translation.ts";
import { harmless, kindInWords } from "../text/words.ts";

/** Messages that are open at once: more proposals are only in the view, so that nobody can flood the owner. */
const maxOpen = 3;

/** Tells the owner of proposals as they arrive. */
export class ProposalNotice {
  readonly #api: Pick<ShareApi, "proposals">;
  /** Who proposes, and in which share. A person who pushes again replaces what they proposed. */
  readonly #open = new Set<string>();

  constructor(api: Pick<ShareApi, "proposals">) {
    this.#api = api;
  }

  /** @param shares as they are now */
  async tell({ share: id, user }: ProposedEvent, shares: readonly Share[]): Promise<void> {
    if (!workspace.getConfiguration("waiide").get("notifications.guests", true)) return;
    const share = shares.find((one) => one.id === id);
    const key = JSON.stringify([id, user]);
    if (share === undefined || this.#open.has(key) || this.#open.size >= maxOpen) return;
    this.#open.add(key);
    const show = t("Show Changes");
    const manage = t("Manage Shares");
    // Of other people's texts, only restricted names are in messages (RULES R17).
    const message = t("{0} proposes a change to {1}.", harmless(user), kindInWords(share.scope, share.commit));
    const answer = await window.showInformationMessage(message, show, manage);
    this.#open.delete(key);
    if (answer === show) await this.#show(share, user);
    if (answer === manage) await commands.executeCommand("waiide.manageShares");
  }

  /** Shows what this person proposes by now. */
  async #show(share: Share, user: string): Promise<void> {
    try {
      const proposal = (await this.#api.proposals(share.id)).find((one) => one.user === user);
      if (proposal !== undefined) {
        await commands.executeCommand("waiide.proposal.open", { kind: "proposal", share, proposal });
        return;
      }
      void window.showInformationMessage(t("This proposal has been accepted or declined."));
    } catch (error) {
      await tellFailure(error);
    }
  }
}
