import type { TextDocument } from "vscode";
import { offerUntilAnswered } from "../../text/lasting-offer.ts";
import { t } from "../../text/translation.ts";
import { plainText } from "../../text/words.ts";
import type { FromGateway } from "./connection.ts";

/** The name of a file, as text that people read. */
export function nameOf({ uri }: TextDocument): string {
  return plainText(uri.path.slice(uri.path.lastIndexOf("/") + 1));
}

/** What the person should know about a file. */
export function tellOf(document: TextDocument, message: Exclude<FromGateway, { path: string }>): void {
  if (message.type === "live-save-failed") {
    tell(t("{0} could not be saved: {1}", nameOf(document), plainText(message.message)));
  } else if (message.type === "live-overlap") {
    tell(
      t(
        "A program changed lines of {0} that had unsaved changes. The text stays; the file’s lines are under “Changed by guests”.",
        nameOf(document),
      ),
    );
  }
}

/** A notice for the person at this window, of something that must not be missed. */
export function tell(message: string): void {
  void offerUntilAnswered(message, t("OK"));
}
