import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Program } from "../process.ts";
import { Traffic } from "../servers/traffic.ts";
import type { Workplace } from "../workplace.ts";
import { DevTools } from "./devtools.ts";
import { extensionHostStarted } from "./extension-host.ts";

/** 20 Mbit/s each way, in bytes a second, and 40 ms before each answer. */
const slowLine = { offline: false, latency: 40, downloadThroughput: 2_500_000, uploadThroughput: 2_500_000 };
const fastLine = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };

const flags = [
  ...[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
  ],
  ...["--disable-component-update", "--disable-sync", "--window-size=1280,800", "--remote-debugging-port=0"],
  // Telemetry, galleries and the like are asked for and not found, the same for all.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** New frames and workers wait until they are watched and throttled. */
const autoAttach = ["Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }] as const;

/** One Chromium with one page, spoken to over the DevTools protocol. */
export class Browser {
  readonly #program: Program;
  readonly #devTools: DevTools;
  readonly #page: string;
  #line = fastLine;
  #conditions = 0;
  readonly #sessions = new Set<string>();

  /** @throws Error if Chromium is missing or does not start within 30 s. */
  static async start(executable: string, profile: string, place: Workplace): Promise<Browser> {
    const portFile = join(profile, "DevToolsActivePort");
    rmSync(portFile, { force: true });
    const program = await place.start(profile, [executable, ...flags, `--user-data-dir=${profile}`, "about:blank"]);
    const end = performance.now() + 30_000;
    while (!existsSync(portFile) || readFileSync(portFile, "utf8").split("\n").length < 2) {
      if (!program.running || performance.now() > end) throw new Error(`Chromium does not start:\n${program.tail()}`);
      await delay(20);
    }
    const [port, path] = readFileSync(portFile, "utf8").split("\n");
    const devTools = await DevTools.connect(`ws://127.0.0.1:${port}${path}`);
    const { targetInfos } = (await devTools.send("Target.getTargets")) as {
      targetInfos: { type: string; targetId: string }[];
    };
    const page = targetInfos.find(({ type }) => type === "page");
    const { sessionId } = await devTools.send("Target.attachToTarget", { targetId: page?.targetId, flatten: true });
    const browser = new Browser(program, devTools, sessionId as string);
    await browser.#prepare();
    return browser;
  }

  private constructor(program: Program, devTools: DevTools, page: string) {
    this.#program = program;
    this.#devTools = devTools;
    this.#page = page;
  }

  /** From now on every page, frame and worker has 20 Mbit/s and 40 ms. */
  async throttle(): Promise<void> {
    this.#line = slowLine;
    for (const session of [this.#page, ...this.#sessions]) await this.#emulate(session);
  }

  /** Opens an address; resolves when navigation has begun. */
  async open(url: string): Promise<void> {
    const { errorText } = await this.#devTools.send("Page.navigate", { url }, this.#page);
    if (errorText !== undefined) throw new Error(`${url} does not open: ${errorText}`);
  }

  /** Value of an expression in the page; promises are awaited. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const answer = await this.#devTools.send(
      "Runtime.evaluate",
      { expression, awaitPromise: true, returnByValue: true },
      this.#page,
    );
    const { result, exceptionDetails } = answer as { result: { value: Value }; exceptionDetails?: { text: string } };
    if (exceptionDetails) throw new Error(`${exceptionDetails.text} in: ${expression}`);
    return result.value;
  }

  /**
   * Has every new document of the page look, once a frame, for an element that takes up room. The returned promise
   * resolves when it is seen for the first time.
   * @throws Error after `limit` milliseconds, with what the page shows instead.
   */
  whenShown(selector: string, limit: number): Promise<{ seen: Promise<void> }> {
    return this.whenTrue(`document.querySelector(${JSON.stringify(selector)})?.offsetHeight > 0`, selector, limit);
  }

  /**
   * The same for any condition.
   * @param condition expression of the page
   * @param what is waited for, for the error
   */
  async whenTrue(condition: string, what: string, limit: number): Promise<{ seen: Promise<void> }> {
    this.#conditions += 1;
    const name = `benchSeen${this.#conditions}`;
    await this.#devTools.send("Runtime.addBinding", { name }, this.#page);
    const look = `() => ${condition} ? ${name}("") : requestAnimationFrame(look)`;
    const source = `if (window === window.top) { const look = ${look}; requestAnimationFrame(look); }`;
    await this.#devTools.send("Page.addScriptToEvaluateOnNewDocument", { source }, this.#page);
    const seen = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const shown = this.evaluate<string>("document.title + ' | ' + document.body?.innerText.slice(0, 300)");
        shown.then((text) => reject(new Error(`no ${what} after ${limit / 1000} s; the page shows: ${text}`)), reject);
      }, limit);
      const stop = this.#devTools.on("Runtime.bindingCalled", (event) => {
        if (event.name !== name) return;
        clearTimeout(timer);
        stop();
        resolve();
      });
    });
    // Of several that are waited for in turn, a later one may fail before anybody listens.
    seen.catch(() => undefined);
    return { seen };
  }

  /** Clicks in the middle of the element that an expression of the page finds. */
  async click(element: string): Promise<void> {
    const [x, y] = await this.evaluate<[number, number]>(
      `(() => { const box = (${element}).getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()`,
    );
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.#devTools.send(
        "Input.dispatchMouseEvent",
        { type, x, y, button: "left", buttons: 1, clickCount: 1 },
        this.#page,
      );
    }
  }

  /** What the page's own JavaScript holds after collecting garbage, workers apart, in megabytes. */
  async heapMegabytes(): Promise<number> {
    await this.#devTools.send("HeapProfiler.collectGarbage", {}, this.#page);
    const { usedSize } = await this.#devTools.send("Runtime.getHeapUsage", {}, this.#page);
    return (usedSize as number) / 1e6;
  }

  /** Resolves when the extension host of a VS Code server says for the first time from now on that it has started. */
  extensionHostStarted(): Promise<void> {
    return extensionHostStarted(this.#devTools);
  }

  traffic(): Traffic {
    return new Traffic(this.#devTools, this.#page);
  }

  /** Closes Chromium as a person would, so that its cache is written. */
  async close(): Promise<void> {
    await this.#devTools.send("Browser.close");
    const end = performance.now() + 10_000;
    while (this.#program.running && performance.now() < end) await delay(20);
    this.#devTools.close();
    await this.#program.close();
  }

  async #prepare(): Promise<void> {
    this.#devTools.on("Target.attachedToTarget", (event) => {
      void this.#adopt(event.sessionId as string);
    });
    this.#devTools.on("Target.detachedFromTarget", (event) => this.#sessions.delete(event.sessionId as string));
    for (const [method, parameters] of [
      ["Page.enable", {}],
      ["Runtime.enable", {}],
      ["Network.enable", {}],
      autoAttach,
    ] as const) {
      await this.#devTools.send(method, parameters, this.#page);
    }
    await this.#emulate(this.#page);
  }

  /** Watches and throttles a new frame or worker as far as its kind can be, and lets it go on. */
  async #adopt(session: string): Promise<void> {
    const attempt = async (method: string, parameters: Record<string, unknown>): Promise<boolean> => {
      const [outcome] = await Promise.allSettled([this.#devTools.send(method, parameters, session)]);
      return outcome.status === "fulfilled";
    };
    // Dedicated workers take no throttle of their own: tried, the page's governs them, and WebSockets too.
    if (await attempt("Network.emulateNetworkConditions", this.#line)) this.#sessions.add(session);
    for (const [method, parameters] of [
      ["Network.enable", {}],
      autoAttach,
      ["Runtime.runIfWaitingForDebugger", {}],
    ] as const) {
      await attempt(method, parameters);
    }
  }

  async #emulate(session: string): Promise<void> {
    await this.#devTools.send("Network.emulateNetworkConditions", this.#line, session);
  }
}

/** The Chromium on PATH. @throws Error that says what to install. */
export function findChromium(): string {
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const found = names.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
  }
  throw new Error("there is no Chromium on PATH: install Debian's package chromium, or name a program with --chromium");
}
