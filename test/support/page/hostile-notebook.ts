import type { Page } from "playwright-core";
import { vi } from "vitest";
import { patience } from "../patience.ts";

/** What the script of the notebook's output could do, as it says itself. */
export interface Verdict {
  /** Where it ran. */
  readonly origin: string;
  /** The title of the page at the top, or why it was not to be had. */
  readonly top: string;
  /** What came of making a share with the owner's cookies. */
  readonly share: string;
}

/** Either the browser refuses, or VS Code's worker answers in place of the IDE's server, or that refuses a foreign origin. */
export const refusedShare = /^(TypeError|status 40[135])$/;

/** One red pixel. */
const picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/**
 * Looks past what VS Code hides of itself (`window.top` of the frame is the frame): a new frame has the browser's own properties.
 * @param server the IDE's address
 * @param id of the element that takes what it says
 */
function attack(server: string, id: string): string {
  return `(async () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const told = (error) => error.name;
    const read = async () => frame.contentWindow.top.document.title || "untitled";
    const send = () => fetch(${JSON.stringify(`${server}api/share/create`)}, {
      method: "POST", credentials: "include", body: '{"permission":"Terminal Access","confirm":true}',
      headers: { "content-type": "application/json" } }).then((answer) => "status " + answer.status);
    const verdict = { origin: location.origin, top: await read().catch(told), share: await send().catch(told) };
    const place = document.createElement("pre");
    place.id = ${JSON.stringify(id)};
    place.textContent = JSON.stringify(verdict);
    document.body.append(place);
  })()`;
}

/**
 * A notebook as somebody who may write files can leave it for the owner to look at.
 * @param server the IDE's address
 */
export function hostileNotebook(server: string): string {
  const inMarkdown = attack(server, "from-markdown").replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const html = `<table id="table"><tr><td>a cell of a table</td></tr></table><script>${attack(server, "from-output")}</script>`;
  const show = (data: object) => ({ output_type: "display_data", metadata: {}, data });
  const cells = [
    { cell_type: "markdown", metadata: {}, source: [`# Heading\n\n<img src="nothing" onerror="${inMarkdown}">`] },
    {
      cell_type: "code",
      metadata: {},
      execution_count: 1,
      source: ["1"],
      outputs: [show({ "text/html": [html] }), show({ "image/png": picture })],
    },
  ];
  return JSON.stringify({ cells, metadata: { language_info: { name: "python" } }, nbformat: 4, nbformat_minor: 5 });
}

/** Opens a notebook in the explorer. Until the extension for notebooks has started, it opens as text: then once more. */
export async function openNotebook(page: Page, name: string): Promise<void> {
  await vi.waitFor(async () => {
    await page.keyboard.press("Escape");
    const text = page.locator(`.monaco-editor[data-uri$="${name}"]`);
    if (await text.first().isVisible()) await page.locator(".tab.active").click({ button: "middle", timeout: 5_000 });
    await page.locator(".explorer-folders-view").getByText(name).dblclick({ timeout: 5_000 });
    await page.locator(".notebookOverlay").waitFor({ timeout: 5_000 });
  }, patience);
}

/** The frame that shows the notebook's outputs, once its table is there. */
export async function outputsOf(page: Page) {
  return vi.waitFor(async () => {
    for (const frame of page.frames()) {
      if (
        (await frame
          .locator("#table")
          .count()
          .catch(() => 0)) > 0
      )
        return frame;
    }
    throw new Error(`no frame shows the notebook: ${page.frames().map((frame) => frame.url())}`);
  }, patience);
}
