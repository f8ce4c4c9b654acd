import { setTimeout as delay } from "node:timers/promises";
import { Browser } from "../browser/browser.ts";
import { Collector, type Figure } from "../figure.ts";
import { progressOfRound } from "../progress.ts";
import { prefix } from "../servers/hub.ts";
import type { Target } from "../servers/targets.ts";
import { type Browsing, fileRow, logIn, rowSelector, visibleLimit } from "./workbench.ts";

/** In the workspace's root. */
const file = "README.md";

/** `mtk1` is the color of text that no grammar knows. */
const colored = `[...document.querySelectorAll(".monaco-editor .view-line span span")].some(({ className }) => /\\bmtk(?!1\\b)\\d/.test(className))`;

interface Visit {
  readonly colored: number;
  readonly extensions: number;
  readonly received: number;
  readonly sent: number;
}

/** Until a file that is clicked as soon as it is shown has colors, and until extensions start; each time with a new profile. */
export async function measureEditor(targets: readonly Target[], browsing: Browsing, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  for (let round = 0; round <= rounds; round++) {
    for (const target of targets) {
      progressOfRound("editor", round, rounds, target.name);
      const result = await visit(target, browsing);
      if (round === 0) continue;
      for (const [name, value] of Object.entries(result)) collector.add(name, target.name, value);
    }
  }
  const figure = (id: keyof Visit, title: string, unit: Figure["unit"]): Figure => ({
    id: `editor.${id}`,
    title,
    unit,
    samples: collector.of(id),
  });
  return [
    figure("colored", "address opened → first file colored", "s"),
    figure("extensions", "address opened → the server's extension host starts extensions", "s"),
    figure("received", "received in WebSockets (before compression)", "MB"),
    figure("sent", "sent in WebSockets (before compression)", "MB"),
  ];
}

async function visit(target: Target, { chromium, place, backend }: Browsing): Promise<Visit> {
  const browser = await Browser.start(chromium, place.folder("chromium"), place);
  try {
    if (target.login) await logIn(browser, target.origin, target.login, `${prefix}proxy/${backend}/`);
    await browser.throttle();
    const rows = await browser.whenShown(rowSelector, visibleLimit);
    const colors = await browser.whenTrue(colored, `colors of ${file}`, visibleLimit);
    const started = browser.extensionHostStarted();
    const traffic = browser.traffic();
    const begin = performance.now();
    const since = async (event: Promise<void>): Promise<number> => {
      await event;
      return (performance.now() - begin) / 1000;
    };
    const extensions = since(started);
    await browser.open(target.origin + target.idePath);
    await rows.seen;
    await browser.click(fileRow(file));
    const [whenColored, whenExtensions] = await Promise.all([since(colors.seen), extensions]);
    const end = performance.now() + 20_000;
    while (!traffic.quietFor(1500) && performance.now() < end) await delay(100);
    traffic.stop();
    const { socketMegabytes: received, sentMegabytes: sent } = traffic;
    return { colored: whenColored, extensions: whenExtensions, received, sent };
  } finally {
    await browser.close();
  }
}
