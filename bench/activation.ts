// `node bench/activation.ts [ROUNDS]`: how long WAIIDE's extension takes to start, beside VS Code's own Git, each time in a fresh home and
// browser (5 rounds). Prints a table; docs/ide.md has its figures. Run it alone on the machine, or the times mean nothing.
import { cpus, loadavg } from "node:os";
import { chromium, type Page } from "playwright-core";
import { findChromium } from "./src/browser/browser.ts";
import { progress } from "./src/progress.ts";
import { startOwnServer } from "./src/servers/own-server.ts";
import { median } from "./src/statistics.ts";
import { Workplace } from "./src/workplace.ts";

const names = ["WAIIDE", "Git"] as const;

/** High enough for the whole list: VS Code draws only visible rows. */
const viewport = { width: 1280, height: 4_000 };

type Times = Record<(typeof names)[number], number>;

/** What VS Code's list of running extensions says. Milliseconds. */
async function activationTimes(page: Page, url: string): Promise<Times> {
  await page.goto(url);
  await page
    .locator(".statusbar-item.right")
    .filter({ hasText: /^\s*Share/ })
    .waitFor();
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input.input").fill(">Developer: Show Running Extensions");
  await page.keyboard.press("Enter");
  return { WAIIDE: await activationTime(page, "WAIIDE"), Git: await activationTime(page, "Git") };
}

async function activationTime(page: Page, name: keyof Times): Promise<number> {
  const title = page.locator(".name").filter({ hasText: new RegExp(`^${name}`) });
  const row = page.locator(".runtime-extensions-editor .monaco-list-row").filter({ has: title }).first();
  const text = await row.getByText(/Activation: \d+ms/).innerText();
  return Number(/\d+/.exec(text)?.[0]);
}

async function main(rounds: number): Promise<void> {
  const place = new Workplace();
  const before = loadavg()[0]?.toFixed(1);
  try {
    const measured: Times[] = [];
    for (let round = 1; round <= rounds; round++) {
      const server = await startOwnServer(place);
      const browser = await chromium.launch({
        executablePath: findChromium(),
        args: ["--no-sandbox", "--disable-gpu"],
      });
      measured.push(await activationTimes(await browser.newPage({ viewport }), server.url));
      await browser.close();
      await server.program.close();
      progress(`round ${round} of ${rounds}: ${JSON.stringify(measured.at(-1))}`);
    }
    console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, load before ${before}\n`);
    console.log("| extension | median | lowest | highest |\n| --- | --- | --- | --- |");
    for (const name of names) {
      const times = measured.map((each) => each[name]);
      console.log(`| ${name} | ${median(times)} ms | ${Math.min(...times)} ms | ${Math.max(...times)} ms |`);
    }
  } finally {
    await place.close();
  }
}

const [rounds = "5"] = process.argv.slice(2);
await main(Number(rounds));
