import { join } from "node:path";
import type { Logger } from "../../base/log.ts";
import { KeyedSerialQueue } from "../../base/serial-queue.ts";
import { versionOf } from "../../workspace/documents/content.ts";
import type { GuestWrite } from "../../workspace/guest.ts";
import { EditSides, type EditSidesOptions, type SideWrite } from "./edit-sides.ts";
import { FileVersions } from "./file-versions.ts";
import { GuestVersions, type KeptUnder } from "./guest-versions.ts";
import { Originals } from "./originals.ts";

/** What is kept of files that guests changed. */
export class KeptContents {
  readonly originals: Originals;
  readonly versions: GuestVersions;
  readonly sides: EditSides;
  /** What files hold now. */
  readonly now = new FileVersions();
  /** What guests do in a share is noted in its order. */
  readonly #turns = new KeyedSerialQueue();

  /** @param folder of the gateway. @param merge as `EditSides` needs it */
  constructor(folder: string, logger: Logger, merge: EditSidesOptions["merge"]) {
    this.originals = new Originals(join(folder, "originals"), logger);
    this.versions = new GuestVersions(join(folder, "guest-versions"), logger);
    const original = (share: string, path: string) => this.originals.find(share, path);
    this.sides = new EditSides({ folder: join(folder, "edit-sides"), logger, original, merge });
  }

  /** Takes note of what a guest has done to a file. */
  note(share: string, write: GuestWrite): Promise<void> {
    const { path, to, after = null, original, content } = write;
    return this.#turns.run(share, async () => {
      await this.originals.note(share, write);
      if (to !== undefined) return this.sides.follow({ share, path }, to);
      const before = write.before ?? (original ? versionOf(original) : null);
      await this.sides.note({ share, path }, { before: original, after: content, step: [before, after] });
    });
  }

  /** Takes note of what was written live, once its original is kept. */
  noteLive(under: KeptUnder, write: SideWrite): Promise<void> {
    return this.#turns.run(under.share, () => this.sides.note(under, write));
  }

  /** Removes what the audit no longer covers. */
  async prune(now: number): Promise<void> {
    await Promise.all([this.originals.prune(now), this.versions.prune(now), this.sides.prune(now)]);
  }
}
