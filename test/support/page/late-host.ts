import type { Page } from "playwright-core";

/**
 * From its next load on, the page's connection to the extension host of the IDE server begins only when the result is called: as
 * where that server is slow, the host in the browser runs first.
 */
export async function holdRemoteHost(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.assign(window, { connectRemoteHost: resolve });
    const { send } = WebSocket.prototype;
    const held = new WeakSet<WebSocket>();
    WebSocket.prototype.send = function (data) {
      const bytes = ArrayBuffer.isView(data) || data instanceof ArrayBuffer;
      // `ConnectionType.ExtensionHost` (remoteAgentConnection.ts)
      if (bytes && new TextDecoder().decode(data).includes('"desiredConnectionType":2')) held.add(this);
      if (!held.has(this)) send.call(this, data);
      else void promise.then(() => send.call(this, data));
    };
  });
  return () => page.evaluate("connectRemoteHost()");
}
