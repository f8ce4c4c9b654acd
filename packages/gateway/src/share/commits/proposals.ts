import { mkdir } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type AcceptedProposal, type Proposal, proposalBranch } from "@waiide/protocol";
import { hasCode } from "../../base/error-code.ts";
import { GatewayError } from "../../base/errors.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { Git } from "../../git/git.ts";
import { GitError } from "../../git/git-error.ts";
import { borrowed, examineProposal, makeReceiving, type ReceivingOptions } from "../../git/proposed-commit.ts";
import { type Push, readPush, refusedPush } from "../../git/push.ts";
import { asDeclared } from "../../http/content-type.ts";
import { type AuditLog, whoIs } from "../audit/audit-log.ts";
import { newId } from "../records/secrets.ts";
import type { ShareTable } from "../records/table.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import { type Commits, refusalOf } from "./commits.ts";
import { ProposalFolder, type StoredProposal } from "./proposal-folder.ts";

/** Milliseconds that receiving may take. */
const timeout = 300_000;
/** What git sends beside the objects. Bytes. */
const commandSize = 1024 * 1024;
/** Pushes to all shares at once. */
const maxAtOnce = 2;
/** Bytes of what the owner sees of a proposal. */
const maxPatch = 2 * 1024 * 1024;

const headers = {
  "Content-Type": "application/x-git-receive-pack-result",
  "Cache-Control": "no-cache, max-age=0, must-revalidate",
  ...asDeclared,
};

export interface ProposalsOptions {
  readonly commits: Commits;
  readonly git: Git;
  readonly table: Pick<ShareTable, "findLive" | "shareFor" | "session">;
  readonly audit: Pick<AuditLog, "note">;
  readonly events: ShareEvents;
  readonly owner: string;
  /** Open at once in a share, and the largest push in bytes. */
  readonly limits: { readonly open: number; readonly size: number };
}

/** Changes that guests push, each into a repository of its own, until the owner accepts them as a branch or declines them. */
export class Proposals {
  readonly #options: ProposalsOptions;
  /** Keeping, accepting and declining, one after the other. */
  readonly #deciding = new SerialQueue();
  #receiving = 0;

  constructor(options: ProposalsOptions) {
    this.#options = options;
  }

  /** @throws GatewayError SHARE_FILE_REFUSED where this guest may propose nothing */
  static require(share: StoredShare, { hubUser }: Pick<StoredSession, "hubUser">): string {
    if (share.shownCommit?.propose !== true) {
      throw new GatewayError("SHARE_FILE_REFUSED", { reason: "this share can only be read" });
    }
    if (hubUser === null) {
      throw new GatewayError("SHARE_FILE_REFUSED", { reason: "only people who are logged in at the hub may propose" });
    }
    return hubUser;
  }

  /** Answers `git push`. @throws GatewayError */
  async receive(share: StoredShare, session: StoredSession, request: IncomingMessage, response: ServerResponse) {
    const user = Proposals.require(share, session);
    if (this.#receiving >= maxAtOnce) throw new GatewayError("SHARE_BUSY", { most: maxAtOnce });
    this.#receiving += 1;
    try {
      const push = await readPush(request).catch((error: unknown) => {
        if (!(error instanceof GitError)) throw error;
        throw new GatewayError("SHARE_FILE_REFUSED", { reason: error.message });
      });
      const answer = await this.#answerTo(push, share, session, user, response);
      // Git reads no answer before it has sent everything.
      if (!request.readableEnded) request.resume();
      if (!response.destroyed) response.writeHead(200, headers).end(answer);
    } finally {
      this.#receiving -= 1;
    }
  }

  async #answerTo(push: Push, share: StoredShare, session: StoredSession, user: string, response: ServerResponse) {
    // Git tries out its password first.
    if (push.commands.length === 0) return "";
    const branch = proposalBranch(user);
    const [command] = push.commands;
    if (push.commands.length > 1 || command?.ref !== `refs/heads/${branch}`) {
      return refusedPush(push, `you can only push to ${branch}: git push origin HEAD:${branch}`);
    }
    if (/^0+$/.test(command.after)) return refusedPush(push, "only the owner declines what you proposed");
    if (!/^0+$/.test(command.before)) return refusedPush(push, "it has moved; fetch first");
    try {
      return await this.#take(push, share, session, user, response);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return refusedPush(push, error.trouble === "failed" ? "git did not accept it" : error.message);
    }
  }

  async #take(push: Push, share: StoredShare, session: StoredSession, user: string, response: ServerResponse) {
    const { git, commits, limits, table, audit, events } = this.#options;
    const folder = new ProposalFolder(commits.folderOf(share));
    const id = newId();
    const { hides, limits: treeLimits } = await commits.rulesOf(share);
    const offer = await commits.offerOf(share);
    const options = { ...offer, git, folder: folder.repositoryOf(id), maxSize: limits.size };
    const ref = `refs/heads/${proposalBranch(user)}`;
    let isKept = false;
    try {
      await mkdir(folder.folderOf(id), { recursive: true, mode: 0o700 });
      await makeReceiving(options);
      const answer = await this.#run(options, push, response);
      if (!(await this.#isThere(options, ref))) return answer;
      const { text, changes, ...proposed } = await examineProposal(options, ref, hides, treeLimits);
      const { date: _, ...said } = text;
      const proposal: StoredProposal = {
        ...{ id, user, at: Date.now(), ...proposed, ...said },
        ...{ original: offer.original, isHistory: offer.isHistory },
        changes: changes.map(({ before: _before, ...change }) => change),
      };
      isKept = await this.#deciding.run(async () => {
        // The share, or the guest's part in it, may have ended meanwhile.
        const live = table.session(session.id) === undefined ? undefined : table.findLive(share.id);
        if (live?.shownCommit?.propose !== true) throw new GitError("refused", "the share has ended");
        const open = await folder.list();
        const earlier = open.filter((one) => one.user === user);
        if (open.length - earlier.length >= limits.open) {
          throw new GitError("limit", `${limits.open} proposals wait for the owner already`);
        }
        await folder.keep(proposal);
        for (const one of earlier) await folder.remove(one.id);
        return true;
      });
      audit.note("propose", share.id, whoIs(session), { commit: proposal.commit, changes: changes.length });
      events.emit("proposed", share.id, user);
      events.emit("change");
      return answer;
    } finally {
      if (!isKept) await folder.remove(id);
    }
  }

  /** @returns what git answers */
  async #run(options: ReceivingOptions, push: Push, response: ServerResponse): Promise<Buffer> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    response.once("close", leave);
    const { folder: gitFolder, maxSize } = options;
    const args = ["receive-pack", "--stateless-rpc", gitFolder];
    const run = { gitFolder, args, variables: borrowed(options), timeout, hasInput: true, signal: gone.signal };
    const stream = await this.#options.git.stream(run);
    try {
      const chunks: Buffer[] = [];
      const reading = (async () => {
        for await (const chunk of stream.output) chunks.push(chunk as Buffer);
      })();
      const sent = pipeline(limited(push.content, maxSize + commandSize), stream.input as Writable);
      // It says itself what is wrong with what it did not read.
      const all = [sent.catch(unlessUnread), reading, stream.ended.catch(unlessReported)];
      await Promise.all(all);
      if (chunks.length === 0) throw new GitError("failed", "git did not answer");
      return Buffer.concat(chunks);
    } finally {
      response.off("close", leave);
      await stream.end();
    }
  }

  async #isThere({ git, folder }: ReceivingOptions, ref: string): Promise<boolean> {
    const { code } = await git.run({ gitFolder: folder, args: ["show-ref", "--verify", "-q", ref], codes: [0, 1] });
    return code === 0;
  }

  async list(share: StoredShare): Promise<Proposal[]> {
    const found = await new ProposalFolder(this.#options.commits.folderOf(share)).list();
    return found.map(({ id, user, at, message, author, email, commits, changes }) => ({
      ...{ id, user, at: new Date(at).toISOString(), message, author, email, commits },
      changes: [...changes],
      branch: proposalBranch(user),
    }));
  }

  /** What a proposal changes, as text. @throws GatewayError PROPOSAL_UNKNOWN, SHARE_INVALID */
  async patch(share: StoredShare, id: string): Promise<string> {
    const { shownTree, tree } = await this.#find(share, id);
    const gitFolder = new ProposalFolder(this.#options.commits.folderOf(share)).repositoryOf(id);
    const args = ["diff-tree", "-p", "-M", "--no-ext-diff", "--no-textconv", shownTree, tree];
    try {
      return String(await this.#options.git.bytes(gitFolder, args, { maxOutput: maxPatch }));
    } catch (error) {
      throw refusalOf(error, "proposal");
    }
  }

  /** Makes it a new branch of the owner's repository. @throws GatewayError PROPOSAL_UNKNOWN, SHARE_INVALID, COMMIT_UNAVAILABLE */
  accept(share: StoredShare, id: string, name: string | undefined): Promise<AcceptedProposal> {
    return this.#deciding.run(async () => {
      const proposal = await this.#find(share, id);
      const branch = name ?? proposalBranch(proposal.user);
      const folder = new ProposalFolder(this.#options.commits.folderOf(share));
      const source = { ...proposal, proposal: folder.repositoryOf(id) };
      const commit = await this.#options.commits.makeBranch(share, source, branch);
      await folder.remove(id);
      this.#decided("accept-proposal", share, proposal, { branch, commit });
      return { branch, commit };
    });
  }

  /** @throws GatewayError PROPOSAL_UNKNOWN */
  decline(share: StoredShare, id: string): Promise<void> {
    return this.#deciding.run(async () => {
      const proposal = await this.#find(share, id);
      await new ProposalFolder(this.#options.commits.folderOf(share)).remove(id);
      this.#decided("decline-proposal", share, proposal, { commit: proposal.commit });
    });
  }

  #decided(
    event: "accept-proposal" | "decline-proposal",
    { id }: StoredShare,
    { user }: StoredProposal,
    details: Record<string, string>,
  ): void {
    const { audit, events, owner } = this.#options;
    audit.note(event, id, owner, { user, ...details });
    events.emit("change");
  }

  async #find(share: StoredShare, id: string): Promise<StoredProposal> {
    const open = await new ProposalFolder(this.#options.commits.folderOf(share)).list();
    const found = open.find((one) => one.id === id);
    if (found === undefined) throw new GatewayError("PROPOSAL_UNKNOWN");
    return found;
  }
}

async function* limited(source: AsyncIterable<Buffer>, max: number): AsyncIterable<Buffer> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > max) throw new GitError("limit", `it has more than ${max} bytes`);
    yield chunk;
  }
}

/** Git ended before it had read everything. */
function unlessUnread(error: unknown): void {
  if (!hasCode(error, "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_DESTROYED", "ECONNRESET")) throw error;
}

/** What git refuses is in its answer. */
function unlessReported(error: unknown): void {
  if (!(error instanceof GitError) || error.trouble !== "failed") throw error;
}
