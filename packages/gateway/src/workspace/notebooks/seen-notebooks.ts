import { LRUCache } from "lru-cache";
import { versionOf } from "../documents/content.ts";
import type { Documents } from "../documents/documents.ts";
import type { FileLimits } from "../limits.ts";
import type { Rights } from "../rules/rights.ts";
import type { Tree } from "../tree/tree.ts";
import { isNotebook } from "./inert.ts";

/** Notebooks whose places are remembered; those read last. */
const maxNotebooks = 500;

interface Services {
  readonly tree: Tree;
  readonly documents: Documents;
  readonly limits: FileLimits;
}

/**
 * Where the notebooks are that guests have read, so that a copy of one is known for a copy: it holds nothing that was not
 * there, as if it had been moved.
 */
export class SeenNotebooks {
  readonly #services: Services;
  /** By version. */
  readonly #places = new LRUCache<string, string>({ max: maxNotebooks });

  constructor(services: Services) {
    this.#services = services;
  }

  note(path: string, version: string): void {
    if (!isNotebook(path)) return;
    this.#places.set(version, path);
  }

  /** The same bytes in a notebook that is still there, within the guest's rights. */
  async find(bytes: Buffer, rights: Rights): Promise<Buffer | undefined> {
    const { tree, documents, limits } = this.#services;
    const path = this.#places.peek(versionOf(bytes));
    if (path === undefined) return undefined;
    await using found = await tree.look(path, rights);
    if (found?.kind !== "file" || found.stats.size !== BigInt(bytes.length)) return undefined;
    const there = await documents.at(found.path).read(found, limits.read);
    return there.bytes.equals(bytes) ? there.bytes : undefined;
  }
}
