import type { CreatedShare, Level, Share } from "@waiide/protocol";
import { commands, window } from "vscode";
import { levelChoices, lifeChoices } from "../create/choices.ts";
import { copyLink, offerLink, openLink } from "../create/created-share.ts";
import { pickOne } from "../create/questions.ts";
import { type SharingFlow, tellFailure } from "../create/sharing.ts";
import { reasonOf } from "../gateway/gateway.ts";
import { t } from "../text/translation.ts";
import { guestInWords, guestsInWords, sharesInWords } from "../text/words.ts";
import type { GuestRow, RequestRow, ShareRow } from "../views/shares-tree.ts";
import type { ShareApi } from "./api.ts";
import { changeShare } from "./change.ts";
import { madeDuring } from "./news.ts";
import type { ShareState } from "./state.ts";

const alone = { step: 1, of: 1 };

/** Commands for existing shares. */
export class ShareActions {
  readonly #api: ShareApi;
  readonly #state: ShareState;
  readonly #flow: Pick<SharingFlow, "create">;
  /** The links that this window has made, by share. */
  readonly #links = new Map<string, string>();

  constructor(api: ShareApi, state: ShareState, flow: Pick<SharingFlow, "create">) {
    this.#api = api;
    this.#state = state;
    this.#flow = flow;
  }

  /** Shows a new link, and what can be done with it. @param isCopied to the clipboard */
  async offer(made: CreatedShare, isCopied = false): Promise<void> {
    this.#links.set(made.id, made.url);
    const parts = { api: this.#api, state: this.#state, flow: this.#flow };
    const change = async (share: CreatedShare) => {
      const changed = await changeShare(share, parts);
      if (changed !== undefined) this.#links.set(changed.id, changed.url);
      return changed;
    };
    await offerLink(made, { owner: this.#state.snapshot.info?.user ?? "", isCopied, change });
  }

  /** Copies the link of a share, or says why that is not possible. */
  async copyLink({ share }: ShareRow): Promise<void> {
    const known = this.#links.get(share.id);
    try {
      if (known !== undefined) {
        await copyLink(known);
        return await this.offer({ ...share, url: known }, true);
      }
      const yes = t("Create and Copy a New Link");
      const detail = t(
        "This window did not create it, and WAIIDE stores no links: who reads its data must not get in. A new link opens the same share; the earlier ones stay.",
      );
      const answer = await window.showWarningMessage(t("The link is not known."), { modal: true, detail }, yes);
      if (answer !== yes) return;
      const made = await this.#api.newLink(share.id, false);
      await copyLink(made.url);
      await this.offer(made, true);
    } catch (error) {
      await tellFailure(error);
    }
  }

  async newLink({ share }: ShareRow): Promise<void> {
    const answer = await pickOne({
      title: t("New Link"),
      placeholder: t("What should happen to the earlier links?"),
      choices: [
        { value: false, label: t("Keep them"), icon: "link" },
        { value: true, label: t("Revoke them and disconnect their guests"), icon: "circle-slash" },
      ],
      position: alone,
    });
    if (answer === undefined || answer === "back") return;
    try {
      await this.offer(await this.#api.newLink(share.id, answer.value));
    } catch (error) {
      await tellFailure(error);
    }
  }

  /**
   * Opens a shared app in the page that guests get. At its own address, what guests stored in the app could attack the owner.
   */
  async openAsGuest({ share }: ShareRow): Promise<void> {
    try {
      await openLink(await this.#addressOf(share));
    } catch (error) {
      await tellFailure(error);
    }
  }

  async #addressOf({ id, with: people }: Share): Promise<string> {
    if (people !== null) {
      // Named people need no link, and their page lets the owner in.
      const { public_url: server } = await this.#api.info();
      if (server === null) throw new Error(t("The address of shares is not known yet."));
      return `${server}share/${id}/`;
    }
    const url = this.#links.get(id) ?? (await this.#api.newLink(id, false)).url;
    this.#links.set(id, url);
    return url;
  }

  /** Another program listens on the app's port; the owner knows it. */
  async resume({ share }: Pick<ShareRow, "share">): Promise<void> {
    const yes = t("Resume");
    const detail = t("Guests then use the program that listens on the app’s port now, which runs as you.");
    const answer = await window.showWarningMessage(t("Resume sharing this app?"), { modal: true, detail }, yes);
    if (answer === yes) await told(this.#api.resume(share.id));
  }

  async changeExpiry({ share }: ShareRow): Promise<void> {
    const { info } = this.#state.snapshot;
    if (info === undefined) return;
    const answer = await pickOne<number | null>({
      title: t("Change Expiry"),
      placeholder: t("How long from now?"),
      choices: lifeChoices(info, share.level),
      position: alone,
    });
    if (answer === undefined || answer === "back") return;
    await told(this.#api.change(share.id, { expires_in: answer.value }));
  }

  async lowerLevel({ share }: ShareRow): Promise<void> {
    const { info } = this.#state.snapshot;
    if (info === undefined) return;
    const levels = info.levels.map(({ level }) => level);
    const lower = levels.slice(0, levels.indexOf(share.level));
    const answer = await pickOne<Level>({
      title: t("Lower Level"),
      placeholder: t("What can people do from now on? You cannot raise the level again later."),
      choices: levelChoices(info).filter(({ value }) => lower.includes(value)),
      position: alone,
    });
    if (answer === undefined || answer === "back") return;
    await told(this.#api.change(share.id, { permission: answer.value }));
  }

  async revoke({ share }: ShareRow): Promise<void> {
    const blocks = t("This immediately blocks all recipients.");
    const made = madeDuring(share.id, this.#state.snapshot.shares);
    if (made.length === 0) {
      const yes = t("Revoke");
      const answer = await window.showWarningMessage(t("Revoke this share?"), { modal: true, detail: blocks }, yes);
      if (answer === yes) await told(this.#api.revoke(share.id));
      return;
    }
    const all = t("Revoke All {0}", made.length + 1);
    const one = t("Revoke Only This Share");
    const detail = `${t("While this share was in use, its guests may have made {0}.", sharesInWords(made.length))} ${blocks}`;
    const answer = await window.showWarningMessage(t("Revoke this share?"), { modal: true, detail }, all, one);
    if (answer === undefined) return;
    this.#state.decided(share.id);
    await told(this.#api.revoke(share.id, answer === all));
  }

  /** Does not ask: the message that offers this has asked. */
  async revokeEach(shares: readonly Share[]): Promise<void> {
    for (const { id } of shares) await told(this.#api.revoke(id));
  }

  async revokeAll(): Promise<void> {
    const count = this.#state.snapshot.shares.length;
    if (count === 0) {
      void window.showInformationMessage(t("Nothing is shared."));
      return;
    }
    const yes = t("Revoke All");
    const detail = t("This immediately blocks all recipients.");
    const message = count === 1 ? t("Revoke the only share?") : t("Revoke all {0} shares?", count);
    if ((await window.showWarningMessage(message, { modal: true, detail }, yes)) !== yes) return;
    const ended = await told(this.#api.revokeAll());
    if (ended === undefined) return;
    const { revoked, guests } = ended;
    void window.showInformationMessage(
      t("Revoked {0} and disconnected {1}.", sharesInWords(revoked), guestsInWords(guests)),
    );
  }

  /** Lets somebody in who waits, or not. */
  async answer({ request }: Pick<RequestRow, "request">, what: "accept" | "decline"): Promise<void> {
    await told(this.#api.answer(request.request, what));
  }

  /** Whether guests of a share wait until the owner accepts them. */
  async setApproval({ share }: ShareRow, approve: boolean): Promise<void> {
    await told(this.#api.change(share.id, { approve }));
  }

  async follow({ share, guest }: GuestRow): Promise<void> {
    await inPage("waiide.live.follow", { share: share.id, session: guest.session, name: guest.name });
  }

  async askToFollow({ share }: ShareRow): Promise<void> {
    await inPage("waiide.live.followMe", share.id);
  }

  async makeViewOnly({ share, guest }: GuestRow): Promise<void> {
    const yes = t("Make View Only");
    const stays = t("They can view files, but not edit them, until they leave. You cannot undo this.");
    const detail = withPrograms(guest, stays);
    const message = t("Make {0} View Only?", guestInWords(guest));
    if ((await window.showWarningMessage(message, { modal: true, detail }, yes)) !== yes) return;
    await told(this.#api.lowerGuest(share.id, guest.session, "view"));
  }

  async removeGuest({ share, guest }: GuestRow): Promise<void> {
    const yes = t("Remove");
    const again =
      share.with === null
        ? t("They can join again with the link. To keep them out, create a new link and revoke the earlier ones.")
        : t("They can join again. To keep them out, revoke the share.");
    const detail = withPrograms(guest, again);
    const message = t("Remove {0}?", guestInWords(guest));
    if ((await window.showWarningMessage(message, { modal: true, detail }, yes)) !== yes) return;
    await told(this.#api.removeGuest(share.id, guest.session));
  }

  async manage(): Promise<void> {
    await commands.executeCommand("waiide.shares.focus");
  }
}

/** What happens to a guest, and with it to programs of theirs. */
function withPrograms({ level }: Pick<GuestRow["guest"], "level">, words: string): string {
  if (level !== "terminal") return words;
  const ends = t(
    "The IDE of this share ends with everything that runs in it. Its other guests can go on in a new one.",
  );
  return `${words} ${ends}`;
}

/** Runs a command of the extension in the page. */
async function inPage(command: string, ...values: readonly unknown[]): Promise<void> {
  try {
    await commands.executeCommand(command, ...values);
  } catch (error) {
    console.warn("WAIIDE cannot follow people in this IDE", error);
    void window.showErrorMessage(t("This IDE runs no extensions in its page, so that nobody can be followed in it."));
  }
}

/** Shows why a command failed. */
async function told<Value>(doing: Promise<Value>): Promise<Value | undefined> {
  try {
    return await doing;
  } catch (error) {
    void window.showErrorMessage(reasonOf(error));
    return undefined;
  }
}
