import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { type GatewayOptions, ideReady, type RunningGateway, startGateway } from "./gateway.ts";
import { launchBrowser, newContext } from "./page/browser.ts";

/** Starts a gateway that stops at the end of the test. */
export type StartGateway = (options?: GatewayOptions) => Promise<RunningGateway>;

/**
 * The set-up that many test files share. A fixture is made when a test first names it, and closes by itself: those of a file
 * at the end of the file, the others at the end of the test. `it.override` changes the options of a file.
 */
export const it = test
  .extend("browserArguments", { scope: "file" }, [] as readonly string[])
  /** One Chromium for the file. */
  .extend("browser", { scope: "file" }, async ({ browserArguments }, { onCleanup }) => {
    const browser = await launchBrowser(browserArguments);
    onCleanup(() => browser.close());
    return browser;
  })
  /** A window without cookies. */
  .extend("context", async ({ browser }, { onCleanup }) => {
    const context = await newContext(browser);
    onCleanup(() => context.close());
    return context;
  })
  .extend("page", ({ context }) => context.newPage())
  .extend("gatewayOptions", { scope: "file" }, {} as GatewayOptions)
  /** One gateway for the file, with a running IDE server. */
  .extend("gateway", { scope: "file" }, async ({ gatewayOptions }, { onCleanup }) => {
    const gateway = await startGateway(gatewayOptions);
    onCleanup(async () => void (await gateway.stop()));
    await ideReady(gateway);
    return gateway;
  })
  /** For a gateway of the test's own. */
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from it
  .extend("start", async ({}, { onCleanup }): Promise<StartGateway> => {
    const started: RunningGateway[] = [];
    onCleanup(async () => void (await Promise.all(started.map((gateway) => gateway.stop()))));
    return async (options) => {
      const gateway = await startGateway(options);
      started.push(gateway);
      return gateway;
    };
  })
  /** A temporary folder. */
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from it
  .extend("folder", async ({}, { onCleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), "waiide-test-"));
    onCleanup(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
    return folder;
  });
