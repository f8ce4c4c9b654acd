import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GatewayError } from "../../base/errors.ts";
import type { Git, GitRun, GitStream } from "../../git/git.ts";
import { asDeclared } from "../../http/content-type.ts";
import { gunzipStream, gzipStream } from "../../system/compression.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import type { Commits } from "./commits.ts";
import { Proposals } from "./proposals.ts";

/** Programs of git that serve one share, and all of them, at once. */
const maxOfShare = 4;
const maxAtOnce = 8;
/** Milliseconds that one may take. */
const timeout = 600_000;
/** What git asks for: ids of commits. Bytes, unpacked. */
const maxRequest = 16 * 1024 * 1024;

/** A copy is never a page of our origin. */
export const fileHeaders = {
  "Content-Security-Policy": "sandbox; default-src 'none'",
  ...asDeclared,
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "private, no-store",
} as const;
const gitHeaders = { "Cache-Control": "no-cache, max-age=0, must-revalidate", ...asDeclared };

interface Kind {
  readonly type: string;
  readonly args: (options: { readonly commit: string; readonly baseTree: string; readonly name: string }) => string[];
  readonly gzip?: true;
  /** Made from what guests clone. */
  readonly ofClone?: true;
}

/** By the end of the address. */
const kinds: Readonly<Record<string, Kind>> = {
  "archive.zip": {
    type: "application/zip",
    args: ({ commit, name }) => ["archive", "--format=zip", `--prefix=${name}/`, commit],
  },
  "archive.tar.gz": {
    type: "application/gzip",
    args: ({ commit, name }) => ["archive", "--format=tar", `--prefix=${name}/`, commit],
    gzip: true,
  },
  "repo.bundle": {
    type: "application/octet-stream",
    args: () => ["bundle", "create", "-q", "-", "--branches", "HEAD"],
    ofClone: true,
  },
  "changes.patch": {
    type: "text/x-patch; charset=utf-8",
    args: ({ commit, baseTree }) => ["diff-tree", "-p", "--binary", "-M", baseTree, commit],
  },
};

export interface CommitCopiesOptions {
  readonly commits: Commits;
  readonly git: Git;
  readonly proposals: Proposals;
}

/** Lets guests take a shared commit with them: as an archive, as a patch, and with git. */
export class CommitCopies {
  readonly #options: CommitCopiesOptions;
  /** How much is under way, by the share. */
  readonly #running = new Map<string, number>();

  constructor(options: CommitCopiesOptions) {
    this.#options = options;
  }

  /**
   * Answers an archive or the patch.
   * @param path the end of the address
   * @throws GatewayError
   */
  async answerFile(
    share: StoredShare,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const kind = Object.hasOwn(kinds, path) ? kinds[path] : undefined;
    if (kind === undefined) throw new GatewayError("SHARE_FILE_MISSING");
    const { cloned, commit, baseTree, name, ...source } = await this.#source(share);
    const gitFolder = kind.ofClone ? cloned : source.gitFolder;
    const run = { gitFolder, args: kind.args({ commit, baseTree, name }), timeout };
    await this.#serve(share.id, response, run, async (stream) => {
      response.writeHead(200, {
        ...fileHeaders,
        "Content-Type": kind.type,
        "Content-Disposition": `attachment; filename="${name}.${path.slice(path.indexOf(".") + 1)}"`,
      });
      if (request.method === "HEAD") return void response.end();
      await (kind.gzip ? pipeline(stream.output, gzipStream(), response) : pipeline(stream.output, response));
    });
  }

  /**
   * Answers git, by its “smart” protocol over HTTP: the part that reads, and where guests may propose changes, the other one.
   * @param path below the repository
   * @throws GatewayError
   */
  async answerGit(
    share: StoredShare,
    session: StoredSession,
    path: string,
    query: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const service = new URLSearchParams(query).get("service");
    if (path === "info/refs" && service === "git-upload-pack") return this.#answerRefs(share, request, response);
    if (path === "git-upload-pack" && request.method === "POST") return this.#answerPack(share, request, response);
    if (path === "info/refs" && service !== "git-receive-pack") {
      throw new GatewayError("SHARE_FILE_REFUSED", { reason: "git is too old; it must be 1.6.6 or newer" });
    }
    if (path === "info/refs") {
      Proposals.require(share, session);
      return this.#answerRefs(share, request, response, "receive-pack");
    }
    if (path === "git-receive-pack" && request.method === "POST") {
      return this.#options.proposals.receive(share, session, request, response);
    }
    throw new GatewayError("SHARE_FILE_MISSING");
  }

  async #answerRefs(
    share: StoredShare,
    request: IncomingMessage,
    response: ServerResponse,
    service: "upload-pack" | "receive-pack" = "upload-pack",
  ): Promise<void> {
    const { cloned: gitFolder } = await this.#source(share);
    const { variables, version } = protocolOf(request);
    const options = service === "upload-pack" ? ["--strict", "--timeout=30"] : [];
    const args = [service, ...options, "--stateless-rpc", "--advertise-refs", gitFolder];
    await this.#serve(share.id, response, { gitFolder, args, variables, timeout }, async ({ output }) => {
      response.writeHead(200, { ...gitHeaders, "Content-Type": `application/x-git-${service}-advertisement` });
      // Pushes have no version 2.
      if (version !== 2 || service === "receive-pack") response.write(headingOf(service));
      await pipeline(output, response);
    });
  }

  async #answerPack(share: StoredShare, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { cloned: gitFolder } = await this.#source(share);
    const args = ["upload-pack", "--strict", "--timeout=30", "--stateless-rpc", gitFolder];
    const run = { gitFolder, args, variables: protocolOf(request).variables, timeout, hasInput: true };
    await this.#serve(share.id, response, run, async ({ input, output }) => {
      response.writeHead(200, { ...gitHeaders, "Content-Type": "application/x-git-upload-pack-result" });
      // Git may pack what it asks for.
      const isPacked = request.headers["content-encoding"] === "gzip";
      const asked = isPacked
        ? pipeline(request, gunzipStream(), limited, input as Writable)
        : pipeline(request, limited, input as Writable);
      await Promise.all([asked, pipeline(output, response)]);
    });
  }

  /** Runs git for an answer, and ends it with the answer. */
  async #serve(
    share: string,
    response: ServerResponse,
    run: GitRun & { readonly hasInput?: boolean },
    answer: (stream: GitStream) => Promise<void>,
  ): Promise<void> {
    const [own, all] = [this.#running.get(share) ?? 0, [...this.#running.values()].reduce((sum, one) => sum + one, 0)];
    if (own >= maxOfShare || all >= maxAtOnce) throw new GatewayError("SHARE_BUSY", { most: maxOfShare });
    this.#running.set(share, own + 1);
    const gone = new AbortController();
    const leave = () => gone.abort();
    response.once("close", leave);
    let stream: GitStream | undefined;
    try {
      stream = await this.#options.git.stream({ ...run, signal: gone.signal });
      await answer(stream);
      await stream.ended;
    } catch (error) {
      // The headers are gone, or the guest is: nothing else can be said.
      if (!response.headersSent) throw error;
      response.destroy();
    } finally {
      response.off("close", leave);
      await stream?.end();
      const left = (this.#running.get(share) ?? 1) - 1;
      if (left > 0) this.#running.set(share, left);
      else this.#running.delete(share);
    }
  }

  async #source(share: StoredShare) {
    if (share.shownCommit === null) throw new GatewayError("SHARE_FILE_MISSING");
    if (share.shownCommit.get === "none") {
      throw new GatewayError("SHARE_FILE_REFUSED", { reason: "the owner offers no copy of it" });
    }
    return this.#options.commits.source(share);
  }
}

/** In git's lines, which begin with their length. */
function headingOf(service: string): string {
  const line = `# service=git-${service}\n`;
  return `${(line.length + 4).toString(16).padStart(4, "0")}${line}0000`;
}

/** What git asks for is short. */
async function* limited(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxRequest) throw new GatewayError("SHARE_FILE_REFUSED", { reason: "git asks for too much at once" });
    yield chunk;
  }
}

/** The version of the protocol that git asks for, and nothing else of that header. */
function protocolOf({ headers }: IncomingMessage) {
  const [, digit] = /(?:^|:)version=([0-2])(?:$|:)/.exec(String(headers["git-protocol"] ?? "")) ?? [];
  const version = Number(digit ?? 0);
  return { version, variables: { GIT_PROTOCOL: `version=${version}` } };
}
