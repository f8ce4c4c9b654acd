import { Uri, window } from "vscode";
import { offerUntilAnswered } from "../../text/lasting-offer.ts";
import { t } from "../../text/translation.ts";
import { harmless } from "../../text/words.ts";
import type { Comparisons } from "./comparison.ts";
import { choiceFor, hasChanged, type KeptText, wasTypedSince } from "./kept-text.ts";
import type { KeptStore } from "./store.ts";
import { type Found, find, openAsNew, replace } from "./target.ts";

/** Offers kept texts, and does what people answer. */
export class Offers {
  readonly #store: Pick<KeptStore, "has" | "delete">;
  readonly #comparisons: Pick<Comparisons, "show">;

  constructor(store: Pick<KeptStore, "has" | "delete">, comparisons: Pick<Comparisons, "show">) {
    this.#store = store;
    this.#comparisons = comparisons;
  }

  /** Offers one kept text, and asks again after a comparison. Without an answer it is offered again at the next load. */
  async offer(kept: KeptText): Promise<void> {
    const found = await find(kept);
    const choice = choiceFor(kept, found.now);
    if (choice === "same") return this.#store.delete(kept);
    if (choice === "open") return this.#offerNewFile(kept);
    const [restore, compare, discard] = [t("Restore"), t("Compare"), t("Discard")];
    const name = nameOf(kept);
    const answer =
      choice === "restore"
        ? await offerUntilAnswered(
            t("{0}: your unsaved text is kept in this browser.", name),
            restore,
            compare,
            discard,
          )
        : await offerUntilAnswered(
            t("{0}: your unsaved text is kept in this browser. The file has changed meanwhile.", name),
            compare,
            discard,
          );
    if (answer === restore) return this.#take(kept, found);
    if (answer === compare) return this.#compare(kept);
    if (answer === discard) return this.#store.delete(kept);
  }

  async #offerNewFile(kept: KeptText): Promise<void> {
    const [open, discard] = [t("Open as New File"), t("Discard")];
    const answer = await offerUntilAnswered(missingInWords(kept), open, discard);
    if (answer === open) return this.#handle(kept, () => openAsNew(kept));
    if (answer === discard) return this.#store.delete(kept);
  }

  async #compare(kept: KeptText): Promise<void> {
    const found = await find(kept);
    // Deleted while the question stood.
    if (found.now.editor === undefined || found.now.disk.kind === "missing") return this.offer(kept);
    const name = nameOf(kept);
    await this.#comparisons.show(kept, found, t("{0}: unsaved ↔ now", name));
    const [take, discard] = [t("Use What I Typed"), t("Discard")];
    const message = t("{0}: your unsaved text is on the left, the file on the right.", name);
    const answer = await offerUntilAnswered(message, take, discard);
    if (answer === take) return this.#take(kept, found);
    if (answer === discard) return this.#store.delete(kept);
  }

  /** A file that changed since the question is another question; what was typed since stays where it is. */
  async #take(kept: KeptText, told: Found): Promise<void> {
    const found = await find(kept);
    if (wasTypedSince(told.now, found.now)) return this.#handle(kept, () => openAsNew(kept));
    if (hasChanged(told.now, found.now)) return this.offer(kept);
    return this.#handle(kept, () => replace(kept, found));
  }

  /** Does nothing if another window was faster. The text is unsaved in its editor, and so kept again. */
  async #handle(kept: KeptText, work: () => Promise<void>): Promise<void> {
    if (!(await this.#store.has(kept))) {
      void window.showInformationMessage(t("{0}: already handled in another window.", nameOf(kept)));
      return;
    }
    await work();
    await this.#store.delete(kept);
  }
}

function missingInWords(kept: KeptText): string {
  return kept.uri.startsWith("untitled:")
    ? t("{0}: your unsaved text is kept in this browser. It has no file yet.", nameOf(kept))
    : t("{0}: your unsaved text is kept in this browser. The file no longer exists.", nameOf(kept));
}

/** Names of files may be text of other people (RULES R17). */
function nameOf({ uri }: KeptText): string {
  const { path } = Uri.parse(uri, true);
  return harmless(path.slice(path.lastIndexOf("/") + 1)) || t("A file");
}
