import { button, element } from "../page/element.ts";
import { type RowPage, Rows } from "./rows.ts";
import { downloadLink, type Viewed } from "./viewer.ts";

/** Maximum number of columns shown; further ones are counted. Browsers do not cope with thousands of columns in each row. */
const maxColumns = 200;

/** CSV and TSV as a table, a page at a time. */
export async function show(viewed: Viewed): Promise<void> {
  const { container, name, store } = viewed;
  const bytes = await viewed.read();
  if (store.isDisposed) return;
  const rows = new Rows(new TextDecoder().decode(bytes), /\.(tsv|tab)$/i.test(name) ? "\t" : undefined);
  const head = rows.header.slice(0, maxColumns);
  const hidden = rows.header.length - head.length;
  const place = element("span", { role: "status" });
  const body = element("tbody");
  const previous = button("Previous", () => turn(-1));
  const next = button("Next", () => turn(1));
  const table = element(
    "table",
    {},
    element("caption", { class: "spoken" }, name),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("th", { scope: "col" }, "#"),
        ...head.map((cell) => element("th", { scope: "col" }, cell)),
      ),
    ),
    body,
  );
  const box = element(
    "div",
    { class: "table-rows", tabindex: "0", role: "region", "aria-label": `Rows of ${name}` },
    table,
  );
  const tools = element(
    "div",
    { class: "viewer-tools" },
    previous,
    next,
    place,
    button("Open as Text", () => viewed.openAsText()),
    downloadLink(viewed),
  );
  if (hidden > 0) tools.append(element("span", { class: "soft" }, `${hidden} more columns are not shown.`));
  let number = 0;

  function turn(by: number): void {
    number += by;
    show(rows.page(number));
    box.scrollTop = 0;
  }

  function show({ rows: shown, first, isLast }: RowPage): void {
    body.replaceChildren(...shown.map((row, index) => rowElement(row.slice(0, maxColumns), first + index + 1)));
    previous.disabled = number === 0;
    next.disabled = isLast;
    place.textContent = placeInWords(first, shown.length, isLast);
  }

  show(rows.page(0));
  container.classList.add("table");
  container.replaceChildren(tools, box);
}

function rowElement(row: readonly string[], number: number): HTMLElement {
  const cells = row.map((cell) => element("td", {}, cell));
  return element("tr", {}, element("th", { scope: "row" }, String(number)), ...cells);
}

function placeInWords(first: number, count: number, isLast: boolean): string {
  if (count === 0) return "No rows";
  const range = `Rows ${(first + 1).toLocaleString()}–${(first + count).toLocaleString()}`;
  return isLast ? `${range} of ${(first + count).toLocaleString()}` : range;
}
