import { pageProof } from "@waiide/protocol";

/**
 * Shows with what the page asks below its mount that this page asks, and no other one of the same origin (RULES R5). VS Code's
 * sockets and resources carry it in their path already, by the page's settings, where the page has settings that we know.
 * Other sites never get it, nor do programs on ports.
 */
export class Proof {
  readonly #mount: URL;
  readonly #proof: string;

  /** @param mount ends with a slash */
  constructor(mount: string, proof: string) {
    this.#mount = new URL(mount);
    this.#proof = proof;
  }

  /** @param address of a WebSocket */
  inAddress(address: string): string {
    const url = new URL(address);
    const { pathname } = this.#mount;
    const proven = `${pathname}${pageProof.segment}${this.#proof}/`;
    if (!this.#covers(url) || url.pathname.startsWith(proven)) return address;
    url.pathname = `${proven}${url.pathname.slice(pathname.length)}`;
    return url.href;
  }

  /** Has the page's own requests carry a header. */
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
