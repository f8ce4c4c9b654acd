import { guestAppFacts } from "@waiide/protocol/app-words";
import { button, element } from "../page/element.ts";

/** What guests of an app must know, in a dialog. */
export function aboutApp(owner: string): HTMLDialogElement {
  const dialog = element(
    "dialog",
    { class: "pause", "aria-labelledby": "about-app" },
    element("h2", { id: "about-app" }, "About This App"),
    element("ul", {}, ...guestAppFacts.map((fact) => element("li", {}, fact.replaceAll("{owner}", owner)))),
  );
  dialog.append(button("Close", () => dialog.close(), { autofocus: "", class: "primary" }));
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}
