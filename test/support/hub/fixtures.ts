import type { Page } from "playwright-core";
import { it as withBrowser } from "../fixtures.ts";
import { startBackend } from "../http/backend.ts";
import { ideReached, workbenchVisible } from "../page/browser.ts";
import { type Hub, type HubOptions, type RunningServer, startHub } from "./hub.ts";

/** For `browserArguments`: the browser finds the users' names of a hub with the subdomain host `hub.test`. */
export const hubNames = "--host-resolver-rules=MAP *.hub.test 127.0.0.1, MAP hub.test 127.0.0.1";

/** The fixtures of all end-to-end tests, and a real hub for the file; `it.override` changes its options. */
export const it = withBrowser
  .extend("hubOptions", { scope: "file" }, {} as HubOptions)
  .extend("hub", { scope: "file" }, async ({ hubOptions }, { onCleanup }) => {
    const hub = await startHub(hubOptions);
    onCleanup(() => hub.stop());
    return hub;
  })
  /** Whose server it is, and its name; the default server's is empty. */
  .extend("owner", { scope: "file" }, { user: "alice", name: "waiide" })
  /** The owner's server, with a running IDE. */
  .extend("server", { scope: "file" }, async ({ hub, owner }) => {
    const server = await hub.startServer(owner.user, owner.name);
    await hub.ideReady(server);
    return server;
  })
  /** A program of the user's, reached by its port. */
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from it
  .extend("backend", { scope: "file" }, async ({}, { onCleanup }) => {
    const backend = await startBackend();
    onCleanup(() => backend.close());
    return backend;
  });

/** Opens a server's IDE in a browser that has no login yet, as the server's user. */
export async function openIde(hub: Hub, server: RunningServer, page: Page): Promise<void> {
  await reachIde(hub, server, page);
  await workbenchVisible(page);
}

/** The same without waiting for VS Code. */
export async function reachIde(hub: Hub, server: RunningServer, page: Page): Promise<void> {
  await page.goto(`${server.url}ide/`);
  await hub.loginInBrowser(page, server.user);
  await ideReached(page);
}
