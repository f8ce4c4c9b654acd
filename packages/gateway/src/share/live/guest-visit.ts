import type { GuestAuthor } from "../../live/author.ts";
import type { Visit } from "../../live/live-connection.ts";
import type { GuestFile } from "../../workspace/guest-file.ts";
import { whoIs } from "../audit/audit-log.ts";
import { guestOf } from "../records/one-guest.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";

/** A guest in a live file, as its document sees them: what they may do is asked at each message. */
export function guestVisit(opened: GuestFile, session: StoredSession, share: Pick<StoredShare, "id" | "root">): Visit {
  const author: GuestAuthor = {
    kind: "guest",
    person: session.id,
    share: share.id,
    root: share.root,
    path: opened.named,
    guest: guestOf(session),
    who: whoIs(session),
    name: session.hubUser ?? session.name,
    show: [...opened.show],
  };
  return {
    file: opened.file,
    author,
    name: session.name,
    color: session.color,
    selection: opened.selection,
    refusal: (operation) => opened.refusal(operation),
    readOnly: () => opened.readOnly(),
  };
}
