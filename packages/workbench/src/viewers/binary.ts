import { element } from "../page/element.ts";
import { downloadLink, type Viewed } from "./viewer.ts";

/** A file without a viewer can be downloaded. */
export async function show(viewed: Viewed): Promise<void> {
  const { container, name } = viewed;
  container.classList.add("centred");
  container.replaceChildren(
    element("p", { role: "status" }, `${name} is a binary file, which cannot be shown here.`),
    downloadLink(viewed),
  );
}
