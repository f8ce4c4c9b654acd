/** What happens to the WebSockets that the IDE's page opens to its server. */
export interface SocketListener {
  onOpen?(socket: WebSocket): void;
  onMessage?(socket: WebSocket): void;
  /** @param expected the page closed it itself */
  onClose?(socket: WebSocket, end: CloseEvent, expected: boolean): void;
}

/**
 * Has listeners told of every WebSocket below `mount`. The one place that replaces the browser's own class: VS Code's code runs
 * after it and takes what it finds.
 * @param prove gives each address what shows that this page asks
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

/** @param address of a WebSocket. @param mount an address of the page's scheme that ends with a slash */
function isBelow(address: string, mount: string): boolean {
  return address.startsWith(mount.replace(/^http/, "ws"));
}
