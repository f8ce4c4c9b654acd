import { realpath } from "node:fs/promises";
import { isBelow, ownerSession, type Person } from "@waiide/protocol";
import { Newest } from "../../base/newest.ts";
import type { PlacedPerson, WindowPlace } from "../../live/windows/company.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import type { SharePresence } from "../guests/presence.ts";
import { ownerColor } from "../records/person-colors.ts";
import type { StoredShare } from "../store/stored.ts";
import { placed } from "./guest-companion.ts";
import type { OwnerPresence } from "./owner-presence.ts";

export interface OwnerInShareParts {
  readonly share: string;
  /** Of the owner, for guests. */
  readonly name: string;
  readonly presence: SharePresence;
  readonly ownerPresence: Pick<OwnerPresence, "at">;
  /** Undefined: it has ended. */
  readonly find: () => Pick<StoredShare, "root" | "scope"> | undefined;
}

/** How long it counts that guests may see a file. Milliseconds. */
const checked = 10_000;

/** The owner as guests of one share see them: in a file that the share shows, or elsewhere (RULES R10, R24). */
export class OwnerInShare {
  readonly #parts: OwnerInShareParts;
  readonly #work = new Newest<WindowPlace | undefined>((at, isNewest) => this.#show(at, isNewest));
  #root: string | undefined;
  #seen: { readonly place: string; readonly path: string | undefined; readonly at: number } | undefined;

  constructor(parts: OwnerInShareParts) {
    this.#parts = parts;
  }

  /** The share's guests, for windows of the owner. */
  get guests(): PlacedPerson[] {
    const { share, presence } = this.#parts;
    const root = this.#root;
    return root === undefined ? [] : presence.guests.map((person) => placed(person, share, root));
  }

  /** The owner or somebody in the share moved, came or left. */
  update(): void {
    this.#work.take(this.#parts.ownerPresence.at);
  }

  close(): void {
    this.#work.close();
  }

  async #show(at: WindowPlace | undefined, isNewest: () => boolean): Promise<void> {
    const { presence, find } = this.#parts;
    const share = find();
    if (share === undefined) return;
    this.#root ??= await unlessMissing(realpath(share.root));
    const path = at === undefined || at.place === null ? undefined : await this.#pathOf(at.place);
    if (isNewest()) presence.owner = at && this.#person(at, path, share.scope.kind === "selection");
  }

  #person({ place, view, follows }: WindowPlace, path: string | undefined, isPart: boolean): Person {
    const { name, presence } = this.#parts;
    // Lines of the whole file say nothing in a part of it; there the carets in it are enough.
    const isViewShown = path !== undefined && !isPart && presence.isFollowed(ownerSession);
    return {
      session: ownerSession,
      name,
      color: ownerColor,
      level: "terminal",
      path: path ?? null,
      is_owner: true,
      ...(place !== null && path === undefined && { is_elsewhere: true }),
      ...(isViewShown && view !== undefined && { view }),
      ...(follows !== undefined && presence.has(follows) && { follows }),
    };
  }

  /** As guests of the share call a file; undefined: they may not see it. */
  async #pathOf(place: string): Promise<string | undefined> {
    const now = performance.now();
    if (this.#seen?.place === place && now - this.#seen.at < checked) return this.#seen.path;
    const root = this.#root;
    const [member] = this.#parts.presence.members;
    if (root === undefined || member === undefined || !isBelow(place, root)) return undefined;
    const path = place.slice(root.length + 1);
    const isSeen = await member.sees(path);
    this.#seen = { place, path: isSeen ? path : undefined, at: now };
    return this.#seen.path;
  }
}
