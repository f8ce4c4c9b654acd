import type { FileChange, Params, Result } from "@waiide/protocol";
import { FileError, fileErrorOf } from "../file-error.ts";
import type { Guest } from "../guest.ts";
import type { WorkspaceParts } from "../parts.ts";
import { joined, type Rights } from "../rules/rights.ts";
import type { SelectionAccess } from "../selection/selection-access.ts";
import type { ChangeVisibility } from "./change-visibility.ts";
import type { SeenChange } from "./changes.ts";

/** Files and folders that one guest watches at once, in all pages: what all guests may watch is left to others, too. */
export const maxWatchedByGuest = 1_000;

/** What a guest's page watches: open files and expanded folders. */
export class GuestWatch {
  readonly #parts: WorkspaceParts;
  readonly #guest: Guest;
  readonly #selection: SelectionAccess | undefined;
  /** By path as the guest named it; each value ends it. */
  readonly #watched = new Map<string, () => void>();
  /** The selection as it was last reported to the guest. */
  #selected: string | undefined;

  constructor(parts: WorkspaceParts, guest: Guest, selection: SelectionAccess | undefined) {
    this.#parts = parts;
    this.#guest = guest;
    this.#selection = selection;
  }

  /** @throws FileError NOT_FOUND; BUSY where too much is watched already */
  async watch({ path }: Params<"watch">): Promise<Result<"watch">> {
    await using found = await this.#parts.tree.find(path, this.#guest.rights(), "watch");
    const isFolder = found.kind === "folder";
    const selected = isFolder || !this.#guest.rights().isSelection ? undefined : await this.#selectionState(path);
    if (this.#watched.has(path)) return {};
    const { watches } = this.#parts.work;
    const { session } = this.#guest.options;
    if (watches.of(session) >= maxWatchedByGuest) throw new FileError("BUSY", "Too many files and folders are open.");
    const folder = isFolder ? found.path : found.path.slice(0, Math.max(found.path.lastIndexOf("/"), 0));
    this.#selected = selected;
    let ended = false;
    let stop = () => {};
    // Before anything is awaited, so that the same question twice is one watch.
    watches.add(session);
    const end = () => {
      if (ended) return;
      ended = true;
      watches.remove(session);
      stop();
    };
    this.#watched.set(path, end);
    try {
      const pathOf = isFolder
        ? (name: string) => joined(path, name)
        : (name: string) => (name === found.name ? path : undefined);
      stop = await this.#parts.changes.watch(folder, (changes, visibility) =>
        this.#tell(folder, changes, visibility, pathOf),
      );
    } catch (error) {
      end();
      if (this.#watched.get(path) === end) this.#watched.delete(path);
      throw error;
    }
    if (ended) stop();
    return {};
  }

  async unwatch({ path }: Params<"unwatch">): Promise<Result<"unwatch">> {
    this.#watched.get(path)?.();
    this.#watched.delete(path);
    return {};
  }

  close(): void {
    for (const stop of this.#watched.values()) stop();
    this.#watched.clear();
  }

  /** @param pathOf the guest's path of an entry of the folder; undefined: the guest does not watch it */
  async #tell(
    folder: string,
    changes: readonly SeenChange[],
    visibility: ChangeVisibility,
    pathOf: (name: string) => string | undefined,
  ): Promise<void> {
    const told: FileChange[] = [];
    for (const change of changes) {
      const path = pathOf(change.name);
      const seen = path === undefined ? undefined : await this.#asSeen(folder, change, path, visibility);
      if (seen !== undefined) told.push(seen);
    }
    if (told.length > 0) this.#guest.options.onChanges(told);
  }

  /** A change as the guest may see it, by their current rights; guests with the same rights see the same. */
  async #asSeen(
    folder: string,
    change: SeenChange,
    path: string,
    visibility: ChangeVisibility,
  ): Promise<FileChange | undefined> {
    const { kind, version, origin } = change;
    const rights = this.#guest.rights();
    const places = [...new Set([path, joined(folder, change.name), change.target])];
    const sees = await visibility.may(rights, [kind, ...places], () => this.#sees(kind, path, places, rights));
    if (!sees) return undefined;
    if (this.#guest.rights().isSelection) return this.#selectionChange(change, path);
    return {
      path,
      kind,
      ...(version === undefined ? {} : { version }),
      ...(origin === undefined ? {} : { origin }),
    };
  }

  async #sees(kind: SeenChange["kind"], path: string, places: readonly string[], rights: Rights): Promise<boolean> {
    if (!places.every((place) => rights.may("watch", place))) return false;
    if (kind === "deleted" || rights.isSelection) return true;
    await using found = await this.#parts.tree.look(path, rights);
    return found !== undefined;
  }

  /** Of a selection only changes in its own lines are reported. */
  async #selectionChange({ kind, origin }: SeenChange, path: string): Promise<FileChange | undefined> {
    if (this.#ofSelection() === undefined) return undefined;
    if (kind === "deleted") return { path, kind };
    const before = this.#selected;
    const now = await this.#selectionState(path);
    this.#selected = now;
    if (now === undefined || now === before) return undefined;
    const [version = ""] = now.split(" ");
    return { path, kind: "changed", version, ...(origin === undefined ? {} : { origin }) };
  }

  /** The version of the selected text and whether it is out of date. */
  async #selectionState(path: string): Promise<string | undefined> {
    try {
      const selected = await this.#ofSelection()?.selected(path);
      return selected && `${selected.version} ${selected.placement.outdated}`;
    } catch (error) {
      if (fileErrorOf(error).code === "NOT_FOUND") return undefined;
      throw error;
    }
  }

  #ofSelection(): SelectionAccess | undefined {
    return this.#guest.rights().isSelection ? this.#selection : undefined;
  }
}
