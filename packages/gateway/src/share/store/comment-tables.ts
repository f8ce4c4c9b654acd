import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoreChange, StoredComment, StoredThread } from "./stored.ts";

/** The changes of threads and comments. */
export type CommentChange = Extract<
  StoreChange,
  { type: "thread" | "thread-changed" | "thread-gone" | "comment" | "comment-gone" }
>;

const threadFields = ["share", "id", "path", "place", "anchor", "resolvedAt"];
const commentFields = ["share", "id", "thread", "at", "session", "author", "name", "hubUser", "color", "text"];

/** The tables of comments on lines. What is written after its share or thread has ended changes nothing. */
export class CommentTables {
  readonly #database: DatabaseSync;
  readonly #thread: StatementSync;
  readonly #changed: StatementSync;
  readonly #threadGone: StatementSync;
  readonly #comment: StatementSync;
  readonly #commentGone: StatementSync;
  readonly #ended: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#thread = database.prepare(
      insertWhere("threads", threadFields, "SELECT 1 FROM shares WHERE id = :share AND endedAt IS NULL"),
    );
    this.#changed = database.prepare(
      `UPDATE threads SET path = :path, place = :place, anchor = :anchor, resolvedAt = :resolvedAt
       WHERE share = :share AND id = :id`,
    );
    this.#threadGone = database.prepare("DELETE FROM threads WHERE share = :share AND id = :id");
    this.#comment = database.prepare(
      insertWhere("comments", commentFields, "SELECT 1 FROM threads WHERE share = :share AND id = :thread"),
    );
    this.#commentGone = database.prepare("DELETE FROM comments WHERE share = :share AND id = :id");
    this.#ended = database.prepare("DELETE FROM threads WHERE share = ?");
  }

  apply(change: CommentChange): void {
    switch (change.type) {
      case "thread":
        this.#thread.run({ ...change.thread });
        break;
      case "thread-changed":
        this.#changed.run({ ...change.thread });
        break;
      case "thread-gone":
        this.#threadGone.run({ share: change.share, id: change.id });
        break;
      case "comment":
        this.#comment.run({ ...change.comment });
        break;
      case "comment-gone":
        this.#commentGone.run({ share: change.share, id: change.id });
    }
  }

  /** A share has ended: its comments end with it. */
  end(share: string): void {
    this.#ended.run(share);
  }

  load(): { readonly threads: StoredThread[]; readonly comments: StoredComment[] } {
    const all = (table: string) => this.#database.prepare(`SELECT * FROM ${table} ORDER BY share, id`).all();
    return { threads: plain(all("threads")), comments: plain(all("comments")) };
  }
}

function insertWhere(table: string, fields: readonly string[], condition: string): string {
  const values = fields.map((field) => `:${field}`).join(", ");
  return `INSERT INTO ${table} (${fields.join(", ")}) SELECT ${values} WHERE EXISTS (${condition})`;
}

/** Rows of node:sqlite have no prototype. */
function plain<Row>(rows: readonly unknown[]): Row[] {
  return rows.map((row) => ({ ...(row as Row) }));
}
