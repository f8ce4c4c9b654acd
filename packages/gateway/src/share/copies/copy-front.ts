import type { IncomingMessage, ServerResponse } from "node:http";
import { computeAccess } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { answerContent } from "../../http/answer.ts";
import { answerFile, contentOfFile } from "../../http/file-answer.ts";
import { isRead } from "../../http/methods.ts";
import { type AuditLog, whoIs } from "../audit/audit-log.ts";
import { type CommitCopies, fileHeaders } from "../commits/commit-copies.ts";
import type { ShareTable } from "../records/table.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import { type ArchiveKind, archiveKinds } from "./archive-writer.ts";
import type { Copies } from "./copies.ts";
import { copyOf } from "./copy-choice.ts";
import { sharedFolder } from "./copy-content.ts";
import type { CopyTickets } from "./copy-tickets.ts";

/** A download that nobody reads from is cut after this. Milliseconds. */
const maxStallTime = 60_000;
/** Seconds. */
const retryAfter = 10;

const archiveTypes: Readonly<Record<ArchiveKind, string>> = {
  "archive.zip": "application/zip",
  "archive.tar.gz": "application/gzip",
};

export interface CopyFrontParts {
  readonly table: Pick<ShareTable, "actor" | "policy">;
  readonly copies: Copies;
  readonly commits: CommitCopies;
  readonly tickets: CopyTickets;
  readonly audit: Pick<AuditLog, "note">;
  /** Archives of one share that are sent at once. */
  readonly downloads: number;
}

/** A guest's request for something to take along. */
export interface TakeRequest {
  readonly request: IncomingMessage;
  readonly session: StoredSession;
  /** The end of the address. */
  readonly path: string;
  readonly query: string;
}

/** What guests take with them: copies of shares, and commits as archives, patches and with git. */
export class CopyFront {
  readonly #parts: CopyFrontParts;
  /** By the share. */
  readonly #downloads = new Map<string, number>();

  constructor(parts: CopyFrontParts) {
    this.#parts = parts;
  }

  /** @throws GatewayError */
  async answer(share: StoredShare, asked: TakeRequest, response: ServerResponse): Promise<void> {
    const { commits, tickets, table, copies } = this.#parts;
    const { request, path } = asked;
    this.#requireRight(share, asked, "read");
    if (!isRead(request, response)) return;
    const archive = archiveKinds.find((kind) => kind === path);
    const isCopy = path === "copy.json" || (archive !== undefined && copyOf(share, table.policy) !== null);
    if (!isCopy) {
      // A ticket is for copies alone.
      if (tickets.isIn(request)) throw new GatewayError("SHARE_NO_COPY");
      this.#note(share, asked, path);
      return commits.answerFile(share, path, request, response);
    }
    if (archive !== undefined) return this.#send(share, asked, archive, response);
    answerContent(response, { type: "application/json", body: JSON.stringify(await copies.describe(share)) });
  }

  /** Answers git. @throws GatewayError */
  answerGit(share: StoredShare, asked: TakeRequest, response: ServerResponse): Promise<void> {
    const { path, query, request, session } = asked;
    const isPush = path === "git-receive-pack" || query.includes("git-receive-pack");
    this.#requireRight(share, asked, isPush ? "propose" : "read");
    // Of git's requests, this one fetches.
    if (path === "git-upload-pack") this.#note(share, asked, "git");
    return this.#parts.commits.answerGit(share, session, path, query, request, response);
  }

  async #send(share: StoredShare, asked: TakeRequest, kind: ArchiveKind, response: ServerResponse): Promise<void> {
    const { copies, tickets, downloads: most } = this.#parts;
    const { request } = asked;
    const now = this.#downloads.get(share.id) ?? 0;
    if (now >= most) throw new GatewayError("SHARE_COPY_BUSY", { seconds: retryAfter });
    this.#downloads.set(share.id, now + 1);
    try {
      const { handle, size, name, etag } = await copies.archive(share, kind);
      try {
        if (response.destroyed) return;
        if (request.method === "GET" && !tickets.spend(request)) throw new GatewayError("SHARE_COPY_TICKET");
        this.#note(share, asked, `copy as ${kind}`);
        response.setTimeout(maxStallTime, () => response.destroy());
        const headers = {
          ...fileHeaders,
          "Content-Type": archiveTypes[kind],
          "Content-Disposition": `attachment; filename="${name}.${kind.slice("archive.".length)}"`,
        };
        await answerFile(request, response, { headers, content: contentOfFile(handle, size), etag });
      } finally {
        response.setTimeout(0);
        await handle.close();
      }
    } finally {
      const left = (this.#downloads.get(share.id) ?? 1) - 1;
      if (left > 0) this.#downloads.set(share.id, left);
      else this.#downloads.delete(share.id);
    }
  }

  /** Guests may take what they may read. */
  #requireRight({ scope }: StoredShare, { session }: TakeRequest, operation: "read" | "propose"): void {
    const target = { path: sharedFolder(scope), hidden: false, protected: false };
    const answer = computeAccess({ actor: this.#parts.table.actor(session.id), operation, target });
    if (!answer.allowed) throw new GatewayError("SHARE_LEVEL");
  }

  #note({ id, shownCommit }: StoredShare, { session }: TakeRequest, what: string): void {
    this.#parts.audit.note("take", id, whoIs(session), { what, commit: shownCommit?.id ?? "" });
  }
}
