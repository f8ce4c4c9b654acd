import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { GuestClient } from "../../packages/gateway/test/support/guest-client.ts";
import { LiveGuest } from "../../packages/gateway/test/support/live-guest.ts";
import { it } from "../support/fixtures.ts";
import type { RunningGateway } from "../support/gateway.ts";
import { workbenchVisible } from "../support/page/browser.ts";
import { ExtensionPage } from "../support/page/extension.ts";
import { editorLine, explorerRow } from "../support/page/guest-workbench.ts";
import { createShare } from "../support/sharing.ts";

/** How many keys the owner presses; WAIIDE_LIVE_KEYS for a longer run. */
const keys = Number(process.env.WAIIDE_LIVE_KEYS ?? 120);
const file = "a.py";
const initialText = `${Array.from({ length: 30 }, (_, line) => `value_${line} = ${line}  # 😀`).join("\n")}\n`;

/** What editors do to more than one place, or with more than what was typed. */
const chords = ["Enter", "Tab", "Backspace", "Delete", "Control+Shift+k", "Alt+ArrowDown", "Alt+ArrowUp", "Control+/"];
const moves = ["ArrowUp", "ArrowDown", "End", "Home", "Control+ArrowRight", "Control+d", "Escape", "PageUp"];
const words = ["(", "[", "'", '"', "x", "y ", "def f():", "😀", "é"];

const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T;

it.override({
  gatewayOptions: { files: { [file]: initialText }, arguments: ["--public-url", "https://share.test"] },
});

it("R24: all have one text after random typing in VS Code, by guests and by a program", async ({
  gateway,
  context,
  page: owner,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { url } = await createShare(gateway, "--permission", "edit");
  const guests = await Promise.all(["Bob", "Eve"].map((name) => enter(gateway, url, name)));
  const ui = new ExtensionPage(owner);
  await owner.goto(gateway.url);
  await workbenchVisible(owner);
  // What is typed before our extension is there is bound at the next save only.
  await ui.statusBar().waitFor();
  await explorerRow(owner, file).dblclick();
  await editorLine(owner, "value_3 =").click();
  let goes = true;
  const others = [...guests.map((guest) => typeWhile(guest, () => goes)), rewriteWhile(gateway, () => goes)];
  for (let key = 0; key < keys; key++) {
    const kind = Math.random();
    if (kind < 0.6) await owner.keyboard.type(pick(words));
    else await owner.keyboard.press(kind < 0.8 ? pick(chords) : pick(moves));
    await delay(Math.random() * 80);
  }
  goes = false;
  await Promise.all(others);
  await owner.keyboard.press("Escape");

  await owner.keyboard.press("Control+S");
  await Promise.all(guests.map((guest) => guest.acknowledged()));
  // What the program wrote last may still be on its way.
  const different = async () => {
    const others = {
      guest: guests[1]?.text,
      file: await readFile(join(gateway.workspace, file), "utf8"),
      owner: await textOf(owner),
    };
    const text = guests[0]?.text;
    return Object.entries(others).filter(([, other]) => other !== text);
  };
  await expect.poll(async () => (await different()).map(([name]) => name)).toEqual([]);
  expect(guests.flatMap(({ reasons, messages }) => [...reasons, ...messages.map(({ type }) => type)])).not.toContain(
    "live-reset",
  );
});

/** The whole text of the editor that has the focus. */
async function textOf(page: Page): Promise<string> {
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+c");
  return page.evaluate(() => navigator.clipboard.readText());
}

async function enter(gateway: RunningGateway, link: string, name: string): Promise<LiveGuest> {
  return LiveGuest.open(await new GuestClient(gateway.url, link).enter(name), file);
}

/** Inserts and deletes at random places; whole characters only. */
async function typeWhile(guest: LiveGuest, goes: () => boolean): Promise<void> {
  while (goes()) {
    const { shown } = guest.client;
    const line = shown.line(1 + Math.floor(Math.random() * shown.lines));
    const deletes = Math.random() < 0.2 && line.text.isWellFormed() && /^[ -~]+$/.test(line.text);
    const from = deletes ? line.from : Math.random() < 0.5 ? line.from : line.to;
    guest.type(from, deletes ? "" : pick(["guest", "\n", "😁", "\n# two\n", " "]), deletes ? line.to : from);
    await delay(20 + Math.random() * 80);
  }
}

/** A formatter, a checkout: reads the file and writes another line at its top. */
async function rewriteWhile({ workspace }: RunningGateway, goes: () => boolean): Promise<void> {
  for (let round = 0; goes(); round++) {
    await delay(3000);
    const path = join(workspace, file);
    await writeFile(path, `# program ${round}\n${await readFile(path, "utf8")}`);
  }
}
