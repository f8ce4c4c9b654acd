import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { colourSchemes, stumblingBlocks } from "../../../../../test/support/page/accessibility.ts";
import { launchBrowser, screenshot } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { ReusedShare } from "../../support/reused-share.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFUlEQVR4nGP8z8DAwMDAxAADMAYjAwATHgEFM6Gm0gAAAABJRU5ErkJggg==";

const notebook = {
  cells: [
    {
      cell_type: "markdown",
      metadata: {},
      attachments: { "a b.png": { "image/png": png } },
      source:
        "![of the cell](attachment:a%20b.png) ![missing](attachment:none.png)\n\n- [x] done\n- [ ] open\n- plain\n",
    },
    {
      cell_type: "code",
      execution_count: 1,
      metadata: {},
      source: "",
      outputs: [
        { output_type: "stream", name: "stderr", text: " 10%|#   |\r" },
        { output_type: "stream", name: "stderr", text: "100%|####|\n" },
        {
          output_type: "display_data",
          metadata: { "image/png": { width: 30, height: 20 } },
          data: { "image/png": png },
        },
        {
          output_type: "display_data",
          metadata: {},
          data: { "text/html": '<p><a href="data.csv">the data</a> <a href="https://example.com/">elsewhere</a></p>' },
        },
      ],
    },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};

/** A second of silence (RIFF). */
function wav(): Buffer {
  const rate = 8_000;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + rate, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(rate, 40);
  return Buffer.concat([head, Buffer.alloc(rate, 128)]);
}

/** Two pages with a line of text each, and a script that would run when it is opened. */
function pdf(): string {
  const contents = [1, 2].map((page) => `BT /F1 24 Tf 72 700 Td (Words on page ${page}) Tj ET`);
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
    "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 5 0 R >> >> /Contents 6 0 R >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 5 0 R >> >> /Contents 7 0 R >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...contents.map((text) => `<< /Length ${text.length} >>\nstream\n${text}\nendstream`),
  ];
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const start = text.length;
  return `${text}xref\n0 8\n0000000000 65535 f \n${table}trailer\n<< /Size 8 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
}

const share = new ReusedShare(["guest"], {
  files: {
    "a.ipynb": `${JSON.stringify(notebook)}\n`,
    "data.csv": `name;value\n${Array.from({ length: 1_200 }, (_, index) => `"row; ${index}";${index},5`).join("\n")}\n`,
    "paper.pdf": pdf(),
    "sound.wav": wav(),
    "weights.bin": Buffer.from([0, 1, 2, 255, 0, 7]),
  },
  share: { permission: "view" },
  browserArguments: ["--autoplay-policy=no-user-gesture-required"],
});
let guest: GuestPage;

const pane = () => guest.page.locator(".waiide-pane.viewer");

/** In light and dark. */
async function look(name: string): Promise<void> {
  for (const [scheme, media] of Object.entries(colourSchemes)) {
    await guest.page.emulateMedia({ contrast: null, forcedColors: null, ...media });
    await screenshot(guest.page, `viewer-${name}-${scheme}`);
  }
}

describe("a first visit", () => {
  const inner = "sub/inner.txt";
  const files = {
    "README.md": "# About this\n\n[the data](data.csv) [sub](sub) [down](#more)\n\n- [x] shared\n\n## More\n",
    "data.csv": "name;value\none;1\n",
    [inner]: "inner\n",
  };
  let browser: Browser;
  let workspace: Workspace;
  let server: SharedGateway;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  describe("without a choice of the owner", () => {
    beforeEach(async () => {
      workspace = await makeWorkspace(files);
      server = await SharedGateway.start(workspace.folder);
      guest = await GuestPage.open(browser, server);
    });
    afterEach(async () => {
      expect([...guest.errors, ...guest.outside]).toEqual([]);
      await guest.close();
      await server.close();
      await workspace[Symbol.asyncDispose]();
    });

    it("the README is open at first; its links open files, reveal folders and scroll", async () => {
      const { preview } = guest;
      await preview.getByRole("heading", { name: "About this" }).waitFor();
      await preview.getByRole("img", { name: "Done" }).waitFor();
      await preview.getByRole("link", { name: "down" }).click();
      await preview.getByRole("link", { name: "sub" }).click();
      await guest.row("inner.txt").waitFor();
      await preview.getByRole("link", { name: "the data" }).click();
      await pane().getByRole("columnheader", { name: "value" }).waitFor();
    });
  });

  describe("the file that the owner had open", () => {
    const change = {
      "is gone": () => rm(join(workspace.folder, inner)),
      "is a folder": async () => {
        await rm(join(workspace.folder, inner));
        await mkdir(join(workspace.folder, inner));
      },
    };
    const changes = Object.entries(change);

    // The same browser window, which forgets the visit before: the page's files need not be compiled again.
    beforeAll(async () => {
      workspace = await makeWorkspace(files);
      server = await SharedGateway.start(workspace.folder, { opens: inner });
      guest = await GuestPage.admitted(browser, server);
    });
    afterAll(async () => {
      await guest.close();
      await server.close();
      await workspace[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      await guest.leave();
      await guest.forget();
      await server.network.restore(0);
      await rm(join(workspace.folder, inner), { recursive: true, force: true });
      await workspace.write(inner, files[inner]);
      server.network.forget();
    });
    afterEach(() => {
      expect([...guest.errors, ...guest.outside]).toEqual([]);
    });

    it("is open at first", async () => {
      await guest.load();
      await guest.line("inner").waitFor();
      expect(await guest.preview.getByText("About this").count()).toBe(0);
    });

    it.each(changes)("and %s by the time a guest comes: the README is open", async (_name, apply) => {
      await apply();
      await guest.load();
      await guest.preview.getByText("About this").waitFor();
      expect(server.network.asked).not.toContainEqual({ method: "stat", params: { path: inner } });
    });

    it.each(changes)("and %s while the page opens: the README is open", async (_name, apply) => {
      const goOn = server.network.hold("stat", inner);
      await guest.load();
      const stat = { method: "stat", params: { path: inner } };
      await vi.waitFor(() => expect(server.network.asked).toContainEqual(stat), patience);
      await apply();
      goOn();
      await guest.preview.getByText("About this").waitFor();
    });
  });
});

describe("viewers", () => {
  afterAll(() => share.close());
  beforeEach(async () => {
    ({
      guests: { guest },
    } = await share.begin());
  });
  afterEach(async (context) => {
    expect([...guest.errors, ...guest.outside]).toEqual([]);
    await share.end(context);
  });

  it("CSV is a table, a page at a time; as text it can be edited", async () => {
    await guest.row("data.csv").click();
    await pane().getByRole("cell", { name: "row; 0", exact: true }).waitFor();
    expect(await pane().getByRole("status").innerText()).toBe("Rows 1–500");
    expect(await stumblingBlocks(guest.page, ".waiide-pane.viewer")).toEqual([]);
    await look("table");
    await pane().getByRole("button", { name: "Next" }).click();
    await pane().getByRole("button", { name: "Next" }).click();
    await pane().getByRole("cell", { name: "row; 1199", exact: true }).waitFor();
    expect(await pane().getByRole("status").innerText()).toBe("Rows 1,001–1,200 of 1,200");
    expect(await pane().getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
    await pane().getByRole("button", { name: "Open as Text" }).click();
    await guest.line("name;value").waitFor();
  });

  it("R18: a PDF is drawn with its text, and its script does not run", async () => {
    guest.page.on("dialog", () => guest.errors.push("a dialog"));
    await guest.row("paper.pdf").click();
    await pane().getByText("2 pages").waitFor();
    await pane().locator(".pdf-page .textLayer", { hasText: "Words on page 1" }).waitFor();
    const drawn = () =>
      pane()
        .locator("canvas")
        .first()
        .evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
          return data.some((value, index) => index % 4 === 0 && value < 64 && data[index + 3] === 255);
        });
    await expect.poll(drawn, patience).toBe(true);
    expect(await stumblingBlocks(guest.page, ".waiide-pane.viewer")).toEqual([]);
    await look("pdf");
    await pane().getByRole("button", { name: "Zoom in" }).click();
    await pane().locator(".pdf-page .textLayer", { hasText: "Words on page 1" }).waitFor();
  });

  it("sound plays in the browser's player", async () => {
    await guest.row("sound.wav").click();
    const audio = pane().locator("audio");
    await expect.poll(() => audio.evaluate((player: HTMLAudioElement) => player.duration), patience).toBe(1);
    await audio.evaluate((player: HTMLAudioElement) => player.play());
    expect(await stumblingBlocks(guest.page, ".waiide-pane.viewer")).toEqual([]);
  });

  it("any other binary file has a Download button", async () => {
    await guest.row("weights.bin").click();
    const link = pane().getByRole("link", { name: "Download" });
    await link.waitFor();
    const [download] = await Promise.all([guest.page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe("weights.bin");
    await look("binary");
  });

  it("a notebook shows attachments, tasks, final progress bars and picture sizes", async () => {
    await guest.row("a.ipynb").click();
    const cells = guest.page.locator(".waiide-pane.notebook");
    const text = cells.frameLocator(".safe-frame.cell").first();
    const picture = text.getByRole("img", { name: "of the cell" });
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), patience).toBe(3);
    await text.getByText("Picture none.png: not in this cell").waitFor();
    expect(await text.getByRole("img", { name: "To do" }).count()).toBe(1);
    expect(await cells.locator(".text-output").first().innerText()).toBe("100%|####|\n");
    const shown = await cells.locator(".cell-main > img").boundingBox();
    expect([shown?.width, shown?.height]).toEqual([30, 20]);
    await look("notebook");
    const output = cells.frameLocator(".output-frame");
    await output.getByRole("link", { name: "elsewhere" }).click();
    await guest.page.getByText("Do you want").or(guest.page.getByRole("dialog")).first().waitFor();
    await guest.page.keyboard.press("Escape");
    await output.getByRole("link", { name: "the data" }).click();
    await pane().getByRole("columnheader", { name: "value" }).waitFor();
  });
});
