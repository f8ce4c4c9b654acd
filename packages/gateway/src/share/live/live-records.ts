import type { Logger } from "../../base/log.ts";
import type { AttributedWrite } from "../../live/attribution.ts";
import type { GuestAuthor } from "../../live/author.ts";
import type { LiveWrite, LostText } from "../../live/disk-side.ts";
import { versionOf } from "../../workspace/documents/content.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { KeptContents } from "../audit/kept-contents.ts";
import type { FileWriter, OwnerSaves } from "../owner-saves.ts";
import type { ShareWriter } from "../records/writer.ts";
import type { ShareEvents } from "../share-events.ts";

export interface LiveRecordsParts {
  readonly audit: Pick<AuditLog, "entry">;
  readonly writer: Pick<ShareWriter, "write">;
  readonly events: Pick<ShareEvents, "emit">;
  readonly kept: KeptContents;
  readonly ownerSaves: Pick<OwnerSaves, "noteTogether">;
  readonly logger: Logger;
}

/** What is kept of people's writing together: as of guests' other saves, one line for each author of a save. */
export class LiveRecords {
  readonly #parts: LiveRecordsParts;

  constructor(parts: LiveRecordsParts) {
    this.#parts = parts;
  }

  readonly recorded = async ({ place, before, after, original, size, authors }: LiveWrite): Promise<void> => {
    const { audit, writer, events, kept, ownerSaves } = this.#parts;
    const entries = authors.map(({ share, path, who }) =>
      audit.entry("write", share, who, { path, size, what: before === null ? "create" : "write" }),
    );
    const noting = placesOf(authors).map(({ share, path }) => kept.originals.note(share, { path, original }));
    const noted = ownerSaves.noteTogether(place, authors.map(writerOf), { before, after });
    await Promise.all([writer.write(entries), noted, ...noting]);
    events.emit("written");
  };

  readonly attributed = async ({ before, after, authors, withoutGuestsOf }: AttributedWrite): Promise<void> => {
    const { kept, events } = this.#parts;
    const step = [versionOf(before), versionOf(after)] as const;
    for (const { share, path } of placesOf(authors))
      await kept.noteLive({ share, path }, { before: withoutGuestsOf(share) ?? "mixed", after, step });
    events.emit("written");
  };

  readonly keep = async ({ place, bytes, authors, of }: LostText): Promise<void> => {
    const { kept, logger } = this.#parts;
    if (authors.length === 0)
      logger.warn({ file: place }, "a program changed lines of a live file that had unsaved changes");
    for (const { share, path } of placesOf(authors)) {
      const there = authors.filter((author) => author.share === share && author.path === path);
      const theirs = of === "authors";
      await kept.versions.keep({ share, path }, versionOf(bytes), bytes, {
        who: theirs ? [...new Set(there.map(({ name }) => name))].join(", ") : "another program",
        // A program's lines may be such that these guests cannot see.
        guests: theirs ? [...new Set(there.map(({ guest }) => guest))] : [],
      });
    }
  };
}

/** The places in shares where a file was written to, each once. */
function placesOf(authors: readonly GuestAuthor[]): { readonly share: string; readonly path: string }[] {
  return [...new Map(authors.map(({ share, path }) => [`${share}/${path}`, { share, path }])).values()];
}

function writerOf({ root, share, person, guest, name, path }: GuestAuthor): FileWriter {
  return { root, share, session: person, guest, name, path };
}
