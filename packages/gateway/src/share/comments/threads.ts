import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { StoredComment, StoredThread } from "../store/stored.ts";
import { type Anchor, AnchorSchema } from "./anchor.ts";

/** A thread, as the running gateway has it. */
export interface OpenThread {
  readonly id: number;
  readonly share: string;
  /** Relative to the share's root, as whoever began it named the file. */
  path: string;
  /** The file's absolute path after links. */
  place: string;
  anchor: Anchor;
  /** null: it is not. */
  resolvedAt: number | null;
  /** The oldest first. */
  comments: readonly StoredComment[];
  /** Not before the disk has it. */
  isWritten: boolean;
  /** The file's, when it was last seen (`file-identity.ts`). */
  identity: string | undefined;
  /** The file was not there when it was last looked for. */
  isGone: boolean;
}

/** The anchor's column in the store. */
const StoredAnchorSchema = Type.Object({ ...AnchorSchema.properties, file: Type.Optional(Type.String()) });

/** Of a record that cannot be read. */
const lost: Anchor = { line: 1, end: 1, lines: [], before: [], after: [], lost: true };

/** The threads of all shares that have not ended: the running gateway trusts this table and not the store's file (RULES R16). */
export class ThreadTable {
  readonly #shares = new Map<string, Map<number, OpenThread>>();

  load(threads: readonly StoredThread[], comments: readonly StoredComment[]): void {
    this.#shares.clear();
    const byThread = Map.groupBy(comments, ({ share, thread }) => `${share} ${thread}`);
    for (const { anchor, ...thread } of threads) {
      this.put({
        ...thread,
        ...parseAnchor(anchor),
        comments: byThread.get(`${thread.share} ${thread.id}`) ?? [],
        isWritten: true,
        isGone: false,
      });
    }
  }

  put(thread: OpenThread): void {
    const threads = this.#shares.get(thread.share) ?? new Map<number, OpenThread>();
    this.#shares.set(thread.share, threads.set(thread.id, thread));
  }

  delete({ share, id }: Pick<OpenThread, "share" | "id">): void {
    this.#shares.get(share)?.delete(id);
  }

  /** A share has ended. */
  forget(share: string): void {
    this.#shares.delete(share);
  }

  find(share: string, id: number): OpenThread | undefined {
    const thread = this.#shares.get(share)?.get(id);
    return thread?.isWritten ? thread : undefined;
  }

  /** The oldest first. */
  of(share: string): OpenThread[] {
    return [...(this.#shares.get(share)?.values() ?? [])].filter(({ isWritten }) => isWritten);
  }

  /** Of all shares, also those that are being written. */
  all(): OpenThread[] {
    return [...this.#shares.values()].flatMap((threads) => [...threads.values()]);
  }

  /** As `all`, of one file. @param place its absolute path after links */
  at(place: string): OpenThread[] {
    return this.all().filter((one) => one.place === place);
  }

  /** Comments of a share, with those that are being written. */
  count(share: string): number {
    return [...(this.#shares.get(share)?.values() ?? [])].reduce((sum, { comments }) => sum + comments.length, 0);
  }
}

/** A thread as the store keeps it. */
export function storedThread({ id, share, path, place, anchor, identity, resolvedAt }: OpenThread): StoredThread {
  const kept: Static<typeof StoredAnchorSchema> = { ...anchor, ...(identity !== undefined && { file: identity }) };
  return { id, share, path, place, anchor: JSON.stringify(kept), resolvedAt };
}

function parseAnchor(json: string): Pick<OpenThread, "anchor" | "identity"> {
  const value: unknown = JSON.parse(json);
  if (!Value.Check(StoredAnchorSchema, value)) return { anchor: lost, identity: undefined };
  const { file, ...anchor } = value;
  return { anchor, identity: file };
}
