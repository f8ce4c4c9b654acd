import type { Browser, BrowserContext, Page } from "playwright-core";
import { type GatewayOptions, ideReady, type RunningGateway, startGateway } from "../gateway.ts";
import { launchBrowser, newPage, workbenchVisible } from "./browser.ts";
import { ExtensionPage } from "./extension.ts";

/** The owner's IDE in a browser, with our extension ready. */
export interface OwnerWindow {
  readonly browser: Browser;
  readonly gateway: RunningGateway;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly ui: ExtensionPage;
}

export async function openOwnerWindow(options: GatewayOptions): Promise<OwnerWindow> {
  const [browser, gateway] = await Promise.all([launchBrowser(), startGateway(options)]);
  await ideReady(gateway);
  const { page, context } = await newPage(browser);
  const ui = new ExtensionPage(page);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(gateway.url);
  await workbenchVisible(page);
  await ui.statusBar().waitFor();
  return { browser, gateway, context, page, ui };
}
