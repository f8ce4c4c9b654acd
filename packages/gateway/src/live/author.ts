import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";

/** A guest who wrote in a live text; kept in the journal, so that a save after a restart still names them. */
export const GuestAuthorSchema = Type.Object({
  kind: Type.Literal("guest"),
  /** Their session. */
  person: Type.String(),
  share: Type.String(),
  /** Of their share; absolute. */
  root: Type.String(),
  /** The file as they name it, relative to the root. */
  path: Type.String(),
  /** As `guestOf` names them. */
  guest: Type.String(),
  /** In the audit. */
  who: Type.String(),
  /** For the owner. */
  name: Type.String(),
  /** Names at the top of home folders that their share shows. */
  show: Type.Array(Type.String()),
});
export type GuestAuthor = Static<typeof GuestAuthorSchema>;

/** `save`: a save of the whole file by the gateway's older door, which is in the audit by itself; `disk`: another program. */
export const AuthorSchema = Type.Union([
  GuestAuthorSchema,
  Type.Object({
    kind: Type.Literal("save"),
    person: Type.String(),
    share: Type.Union([Type.String(), Type.Null()]),
  }),
  Type.Object({ kind: Type.Literal("owner") }),
  Type.Object({ kind: Type.Literal("disk") }),
]);
export type Author = Static<typeof AuthorSchema>;

export const diskAuthor: Author = { kind: "disk" };

/** Names an author in the gateway: a session, `owner` or `disk`. */
export function personOf(author: Author): string {
  return "person" in author ? author.person : author.kind;
}

/**
 * Names a client in the gateway. Clients choose their names, which nobody else learns; a guest who enters anew, with a change
 * under way, is another session of the same share with the same client.
 */
export function clientOf(author: Author, client: string): string {
  return `${"share" in author ? author.share : author.kind}:${client}`;
}

/** The guests among authors. */
export function guestsAmong(authors: Iterable<Author>): GuestAuthor[] {
  return [...authors].filter((author) => author.kind === "guest");
}

/** Names a guest's visit to a file in the gateway. */
export function visitOf({ share, path, person }: GuestAuthor): string {
  return `${share}/${path}/${person}`;
}

/** How an author is called for viewers of a share: sessions of other shares are none of their business. */
export class PersonNames {
  readonly #salt: string;
  readonly #known = new Map<string, string>();

  /** @param salt makes the names of one document mean nothing in another */
  constructor(salt: string) {
    this.#salt = salt;
  }

  /** @param viewer the viewer's share; undefined: the owner, who knows everybody */
  nameFor(viewer: string | undefined, author: Author): string {
    if (author.kind === "owner" || author.kind === "disk") return author.kind;
    const { person, share } = author;
    if (share === null) return "owner";
    if (viewer === undefined || viewer === share) return person;
    const known = this.#known.get(person) ?? `other-${this.#hash(person)}`;
    this.#known.set(person, known);
    return known;
  }

  #hash(person: string): string {
    return createHash("sha256").update(`${this.#salt}:${person}`).digest("hex").slice(0, 16);
  }
}
