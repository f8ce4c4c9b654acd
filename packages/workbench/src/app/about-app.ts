import { guestAppFacts } from "@waiide/protocol/app-words";
import { button, element } from "../page/element.ts";

/** What guests of an app must know, in a dialog. @param hasOwnHost whether it has a host of its own */
export function aboutApp(owner: string, hasOwnHost: boolean): HTMLDialogElement {
  const dialog = element(
    "dialog",
    { class: "pause", "aria-labelledby": "about-app" },
    element("h2", { id: "about-app" }, "About This App"),
    element("ul", {}, ...guestAppFacts(hasOwnHost).map((fact) => element("li", {}, fact.replaceAll("{owner}", owner)))),
  );
  dialog.append(button("Close", () => dialog.close(), { autofocus: "", class: "primary" }));
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}
