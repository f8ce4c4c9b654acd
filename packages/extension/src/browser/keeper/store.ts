import { type KeptText, retention } from "./kept-text.ts";

const name = "waiide-kept-text";
const table = "texts";

/** Kept texts in the browser's IndexedDB, by place, page and file. */
export class KeptStore {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** @throws DOMException if the browser stores nothing */
  static async open(factory: IDBFactory = indexedDB): Promise<KeptStore> {
    const request = factory.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(table, { keyPath: ["place", "page", "uri"] });
    };
    const database = await finished(request);
    // Otherwise a newer version of this page would have to wait.
    database.onversionchange = () => database.close();
    return new KeptStore(database);
  }

  async put(kept: KeptText): Promise<void> {
    await finished(this.#table("readwrite").put(kept));
  }

  async delete({ place, page, uri }: Pick<KeptText, "place" | "page" | "uri">): Promise<void> {
    await finished(this.#table("readwrite").delete([place, page, uri]));
  }

  async has({ place, page, uri }: Pick<KeptText, "place" | "page" | "uri">): Promise<boolean> {
    return (await finished(this.#table("readonly").count([place, page, uri]))) > 0;
  }

  /** All texts of a place, the oldest first. Deletes texts that are too old, of all places. */
  async all(place: string, now: number): Promise<KeptText[]> {
    const texts = (await finished(this.#table("readonly").getAll())) as KeptText[];
    const old = texts.filter(({ at }) => now - at > retention);
    for (const kept of old) await this.delete(kept);
    return texts.filter((kept) => kept.place === place && !old.includes(kept)).sort((one, other) => one.at - other.at);
  }

  close(): void {
    this.#database.close();
  }

  #table(mode: IDBTransactionMode): IDBObjectStore {
    // With relaxed durability, the default of some browsers, a crash of the machine may lose the last second.
    return this.#database.transaction(table, mode, { durability: "strict" }).objectStore(table);
  }
}

function finished<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
