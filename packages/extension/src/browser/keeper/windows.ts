/** Windows of the same browser answer within this time. Milliseconds. */
const maxWait = 1_000;

interface WindowMessage {
  readonly kind: "ask" | "here";
  readonly page: string;
}

/** Finds the other open pages of this place, which keep their own unsaved text. */
export class Windows {
  readonly #channel: BroadcastChannel;

  constructor(place: string, page: string) {
    this.#channel = new BroadcastChannel(`waiide-windows ${place}`);
    this.#channel.addEventListener("message", ({ data }: MessageEvent<WindowMessage>) => {
      if (data.kind === "ask") this.#channel.postMessage({ kind: "here", page } satisfies WindowMessage);
    });
    this.#page = page;
  }

  readonly #page: string;

  async open(): Promise<ReadonlySet<string>> {
    const pages = new Set([this.#page]);
    const listen = ({ data }: MessageEvent<WindowMessage>) => {
      if (data.kind === "here") pages.add(data.page);
    };
    this.#channel.addEventListener("message", listen);
    this.#channel.postMessage({ kind: "ask", page: this.#page } satisfies WindowMessage);
    await new Promise((resolve) => setTimeout(resolve, maxWait));
    this.#channel.removeEventListener("message", listen);
    return pages;
  }

  close(): void {
    this.#channel.close();
  }
}
