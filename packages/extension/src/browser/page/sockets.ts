/** Listens to the WebSockets that the IDE's page opens to its server. */
export interface SocketListener {
  onOpen?(socket: WebSocket): void;
  onMessage?(socket: WebSocket): void;
  /** @param expected whether the page closed it */
  onClose?(socket: WebSocket, end: CloseEvent, expected: boolean): void;
}

/**
 * Notifies listeners of every WebSocket below `mount`. Replaces the browser's own class; VS Code's code runs later and uses the
 * replacement.
 * @param prove adds the page's proof to a URL
 */
export function watchSockets(
  mount: string,
  prove: (address: string) => string,
  listeners: readonly SocketListener[],
): void {
  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    #closedByPage = false;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(prove(new URL(url, document.baseURI).href), protocols);
      if (!isBelow(this.url, mount)) return;
      this.addEventListener("open", () => {
        for (const listener of listeners) listener.onOpen?.(this);
      });
      this.addEventListener("message", () => {
        for (const listener of listeners) listener.onMessage?.(this);
      });
      this.addEventListener("close", (end) => {
        for (const listener of listeners) listener.onClose?.(this, end, this.#closedByPage);
      });
    }

    override close(code?: number, reason?: string): void {
      this.#closedByPage = true;
      super.close(code, reason);
    }
  };
}

/** @param address URL of a WebSocket. @param mount URL with the page's scheme that ends with a slash */
function isBelow(address: string, mount: string): boolean {
  return address.startsWith(mount.replace(/^http/, "ws"));
}
