import type { UnsavedText } from "../documents/documents.ts";
import { button, element } from "./element.ts";
import { unsavedSection } from "./end-page.ts";

/** The owner lowered the share while text was unsaved: the page offers that text before it drops it. */
export function offerBeforeLoss(unsaved: readonly UnsavedText[]): Promise<void> {
  return new Promise((resolve) => {
    const dialog = element("dialog", {
      class: "pause end",
      "aria-labelledby": "lowered-title",
      "aria-describedby": "lowered-why",
      // Escape must not discard text by accident.
      closedby: "none",
    });
    const close = () => {
      dialog.remove();
      resolve();
    };
    dialog.append(
      element("h2", { id: "lowered-title" }, "You can only view files now"),
      element(
        "p",
        { id: "lowered-why" },
        "The owner made this share View Only. What you typed can no longer be saved here.",
      ),
      unsavedSection(unsaved),
      button("Continue without these changes", close),
    );
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
  });
}
