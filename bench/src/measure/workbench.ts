import { setTimeout as delay } from "node:timers/promises";
import { Browser } from "../browser/browser.ts";
import { Collector, type Figure } from "../figure.ts";
import { progress } from "../progress.ts";
import { prefix } from "../servers/hub.ts";
import type { Target } from "../servers/targets.ts";
import type { Workplace } from "../workplace.ts";

/** The explorer's files: what a person waits for. */
export const rowSelector = ".explorer-folders-view .monaco-list-row";
export const visibleLimit = 120_000;

/** Expression of the page that finds a file's row in the explorer. */
export function fileRow(file: string): string {
  const rows = `document.querySelectorAll(${JSON.stringify(rowSelector)})`;
  return `[...${rows}].find((row) => row.textContent.includes(${JSON.stringify(file)}))`;
}

interface Visit {
  readonly seconds: number;
  /** Fetched by page and workers until nothing more came. */
  readonly megabytes: number;
  /** Fetched by the page alone until it was visible. */
  readonly pageMegabytes: number;
  readonly socketMegabytes: number;
}

export interface Browsing {
  readonly chromium: string;
  readonly place: Workplace;
  /** Port of the backend, whose page is where logging in ends. */
  readonly backend: number;
}

/** Until the explorer's rows are shown: with a new profile, and again with the same profile in a new Chromium. */
export async function measureWorkbench(
  targets: readonly Target[],
  browsing: Browsing,
  rounds: number,
): Promise<Figure[]> {
  const collector = new Collector();
  // What servers do once (scanning extensions, loading code) is not part of a browser's visit.
  for (const target of targets) {
    progress(`workbench, warming up: ${target.name}`);
    await visit(target, browsing, browsing.place.folder("chromium"), false);
  }
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      const profile = browsing.place.folder("chromium");
      for (const name of ["cold", "second"]) {
        progress(`workbench, round ${round + 1} of ${rounds}: ${target.name}, ${name} visit`);
        const result = await visit(target, browsing, profile, true);
        collector.add(name, target.name, result.seconds);
        collector.add(`${name}Bytes`, target.name, result.megabytes);
        collector.add(`${name}PageBytes`, target.name, result.pageMegabytes);
        collector.add(`${name}Socket`, target.name, result.socketMegabytes);
      }
    }
  }
  const visits = [
    { name: "cold", title: "cold" },
    { name: "second", title: "second visit" },
  ];
  return visits.flatMap(({ name, title }): Figure[] => [
    { id: `workbench.${name}`, title: `workbench visible, ${title}`, unit: "s", samples: collector.of(name) },
    {
      id: `workbench.${name}PageBytes`,
      title: `fetched by the page until visible, ${title}`,
      unit: "MB",
      samples: collector.of(`${name}PageBytes`),
    },
    {
      id: `workbench.${name}Bytes`,
      title: `fetched in all, workers and what follows included, ${title}`,
      unit: "MB",
      samples: collector.of(`${name}Bytes`),
    },
    {
      id: `workbench.${name}Socket`,
      title: `carried in WebSockets (before compression), ${title}`,
      unit: "MB",
      samples: collector.of(`${name}Socket`),
    },
  ]);
}

async function visit(
  target: Target,
  { chromium, place, backend }: Browsing,
  profile: string,
  slow: boolean,
): Promise<Visit> {
  const browser = await Browser.start(chromium, profile, place);
  try {
    // On to a page of the backend, so that no JupyterLab or IDE is fetched.
    if (target.login) await logIn(browser, target.origin, target.login, `${prefix}proxy/${backend}/`);
    if (slow) await browser.throttle();
    const { seen } = await browser.whenShown(rowSelector, visibleLimit);
    const traffic = browser.traffic();
    const begin = performance.now();
    await Promise.all([browser.open(target.origin + target.idePath), seen]);
    const seconds = (performance.now() - begin) / 1000;
    const { pageMegabytes } = traffic;
    // What is still on its way when the rows appear belongs to the visit's bytes, not to its time.
    const end = performance.now() + 20_000;
    while (!traffic.quietFor(1500) && performance.now() < end) await delay(100);
    traffic.stop();
    return { seconds, pageMegabytes, megabytes: traffic.megabytes, socketMegabytes: traffic.socketMegabytes };
  } finally {
    await browser.close();
  }
}

/** Signs in through the hub's login page, on to another page of the hub's. */
export async function logIn(
  browser: Browser,
  origin: string,
  login: NonNullable<Target["login"]>,
  page: string,
): Promise<void> {
  await browser.open(`${origin}/hub/login?next=${encodeURIComponent(page)}`);
  const arrived = `location.pathname === ${JSON.stringify(page)} && document.readyState === "complete"`;
  const form = "document.querySelector('#password_input')?.form";
  // With a profile that has been here before, the hub goes on by itself.
  await until(browser, `!!${form} || (${arrived})`, "the hub's login form");
  if (!(await browser.evaluate<boolean>(`!!${form}`))) return;
  const fill = Object.entries({ username_input: login.user, password_input: login.password });
  const statements = fill.map(([id, value]) => `document.getElementById("${id}").value = ${JSON.stringify(value)};`);
  await browser.evaluate(`${statements.join("")} ${form}.submit(); true`);
  await until(browser, arrived, "the page after the hub's login");
}

async function until(browser: Browser, condition: string, what: string): Promise<void> {
  const end = performance.now() + 30_000;
  // Between two documents there is nothing to evaluate in.
  while (!(await browser.evaluate<boolean>(condition).catch(() => false))) {
    if (performance.now() > end)
      throw new Error(`${what} did not appear; the browser is at ${await browser.evaluate<string>("location.href")}`);
    await delay(50);
  }
}
