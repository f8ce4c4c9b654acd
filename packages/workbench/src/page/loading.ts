import { element } from "./element.ts";

/** A file that the page loads. @property size bytes, not compressed */
interface LoadedFile {
  readonly address: string;
  readonly size: number;
}

/** Says that the workbench opens, and shows how many of its bytes have come. */
export class Loading {
  readonly #bar = element("progress", { "aria-label": "Loading" });
  readonly #share = element("span", { class: "loading-share", "aria-hidden": "true" });
  readonly element = element(
    "div",
    { class: "loading" },
    element("p", { role: "status" }, "Opening the workbench …"),
    this.#bar,
    this.#share,
  );

  /** @param links files that the browser loads already, with their sizes in `data-size` */
  watch(links: readonly HTMLLinkElement[]): void {
    const files = links.map(({ href, dataset }) => ({ address: href, size: Number(dataset.size) }));
    const total = files.reduce((sum, { size }) => sum + size, 0);
    let loaded = 0;
    const add = (bytes: number) => {
      loaded += bytes;
      this.#show(Math.min(loaded / total, 1));
    };
    // The import of a file that cannot be read fails, and says so.
    for (const file of files) countBytes(file, add).catch(() => add(file.size));
  }

  #show(part: number): void {
    // What has come must be started, which takes a while: nobody knows how long.
    if (part === 1) this.#bar.removeAttribute("value");
    else this.#bar.value = part;
    this.#share.textContent = part === 1 ? "" : `${Math.floor(part * 100)} %`;
  }
}

/** Reads a file that the browser loads anyway: it serves both from one transfer. */
async function countBytes({ address }: LoadedFile, add: (bytes: number) => void): Promise<void> {
  const reader = (await fetch(address)).body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) add(read.value.length);
}
