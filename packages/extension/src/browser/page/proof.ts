import { pageProof } from "@waiide/protocol";

/**
 * Adds a proof to the page's requests below its mount: they come from this page, and not from another one of the same origin
 * (RULES R5). VS Code's sockets and resources already have it in their path, through the page's settings, if we know those.
 * Other sites and programs on ports never get it.
 */
export class Proof {
  readonly #mount: URL;
  readonly #proof: string;

  /** @param mount path that ends with a slash */
  constructor(mount: string, proof: string) {
    this.#mount = new URL(mount);
    this.#proof = proof;
  }

  /** @param address URL of a WebSocket */
  inAddress(address: string): string {
    const url = new URL(address);
    const { pathname } = this.#mount;
    const proven = `${pathname}${pageProof.segment}${this.#proof}/`;
    if (!this.#covers(url) || url.pathname.startsWith(proven)) return address;
    url.pathname = `${proven}${url.pathname.slice(pathname.length)}`;
    return url.href;
  }

  /** Adds a header to the page's own requests. */
  showWithFetch(): void {
    const send = window.fetch;
    window.fetch = (input, options) => {
      const url = new URL(input instanceof Request ? input.url : input, document.baseURI);
      if (!this.#covers(url)) return send(input, options);
      const request = new Request(input, options);
      request.headers.set(pageProof.header, this.#proof);
      return send(request);
    };
  }

  #covers({ host, pathname }: URL): boolean {
    return host === this.#mount.host && pathname.startsWith(this.#mount.pathname);
  }
}
