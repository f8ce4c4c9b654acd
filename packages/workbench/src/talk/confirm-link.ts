import { button, element } from "../page/element.ts";

/** Asks before it opens an address that somebody wrote: the name of a link says nothing about where it leads. */
export function confirmLink(address: string): void {
  const dialog = element("dialog", {
    class: "pause",
    "aria-labelledby": "link-title",
    "aria-describedby": "link-what",
  });
  const close = () => dialog.remove();
  const open = () => {
    window.open(address, "_blank", "noopener,noreferrer");
    close();
  };
  dialog.append(
    element("h2", { id: "link-title" }, "Open this address?"),
    element("p", { id: "link-what", class: "talk-address" }, new URL(address).href),
    element("p", {}, "Somebody in this share wrote it. It opens in a new tab."),
    button("Open", open, { class: "primary" }),
    " ",
    button("Cancel", close, { autofocus: "" }),
  );
  dialog.addEventListener("close", close);
  document.body.append(dialog);
  dialog.showModal();
}
