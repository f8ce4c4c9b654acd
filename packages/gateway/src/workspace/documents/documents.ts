import { Document, type DocumentServices } from "./document.ts";

/** Documents kept while unused. */
const maxIdle = 1_000;

/** One Document for each file that guests have open, by its path after links. */
export class Documents {
  readonly #services: DocumentServices;
  readonly #documents = new Map<string, Document>();

  constructor(services: DocumentServices) {
    this.#services = services;
  }

  at(path: string): Document {
    const document = this.#documents.get(path) ?? new Document(path, this.#services);
    this.#documents.delete(path);
    this.#documents.set(path, document);
    this.#forgetIdle();
    return document;
  }

  /** The Document of a file that guests have used, if it is still known. */
  known(path: string): Document | undefined {
    return this.#documents.get(path);
  }

  #forgetIdle(): void {
    if (this.#documents.size <= maxIdle) return;
    for (const [path, document] of this.#documents) {
      if (this.#documents.size <= maxIdle) return;
      if (!document.isBusy) this.#documents.delete(path);
    }
  }
}
