import type { Page } from "playwright-core";

/**
 * From its next load on, the page's connection to the extension host of the IDE server begins only when the result is called: as
 * where that server is slow, the host in the browser runs first.
 */
export async function holdRemoteHost(page: Page): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.routeWebSocket(/[?&]reconnectionToken=/, (socket) => {
    const server = socket.connectToServer();
    let before = Promise.resolve();
    socket.onMessage((message) => {
      // `ConnectionType.ExtensionHost` (remoteAgentConnection.ts)
      if (String(message).includes('"desiredConnectionType":2')) before = promise;
      before = before.then(() => server.send(message));
    });
  });
  return resolve;
}
