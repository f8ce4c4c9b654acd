import { GitError } from "./git-error.ts";

/** Commands come before the objects; one needs a tenth of this. Bytes. */
const maxCommands = 64 * 1024;

/** One ref that a push wants to change. */
export interface PushCommand {
  /** Ids; of zeros: there is no such ref. */
  readonly before: string;
  readonly after: string;
  readonly ref: string;
}

/** What a `git push` asks for. */
export interface Push {
  /** Empty: git tries out its password. */
  readonly commands: readonly PushCommand[];
  /** Git reads its answer in parts of this kind. */
  readonly hasSideBand: boolean;
  /** All of the request, from its beginning. */
  readonly content: AsyncIterable<Buffer>;
}

/**
 * Reads the commands of a push, as git sends them: lines with their lengths, and an empty one at the end.
 * @throws GitError for anything else
 */
export async function readPush(request: AsyncIterable<Buffer>): Promise<Push> {
  const source = request[Symbol.asyncIterator]();
  let read: Buffer = Buffer.alloc(0);
  for (;;) {
    const lines = linesOf(read);
    if (lines !== undefined) return { ...parsed(lines), content: following(read, source) };
    const { done, value } = await source.next();
    if (done || read.length > maxCommands) throw new GitError("refused", "git sent something else than a push");
    read = Buffer.concat([read, value]);
  }
}

/** @returns undefined: the end has not come yet. @throws GitError */
function linesOf(read: Buffer): string[] | undefined {
  const lines: string[] = [];
  for (let at = 0; at + 4 <= read.length; ) {
    const digits = read.toString("latin1", at, at + 4);
    const length = /^[\da-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
    if (length === 0) return lines;
    if (!(length > 4)) throw new GitError("refused", "git sent something else than a push");
    if (at + length > read.length) return undefined;
    lines.push(read.toString("utf8", at + 4, at + length).replace(/\n$/, ""));
    at += length;
  }
  return undefined;
}

function parsed(lines: readonly string[]): Pick<Push, "commands" | "hasSideBand"> {
  const commands: PushCommand[] = [];
  let capabilities = "";
  for (const line of lines) {
    // Where a shallow clone ends.
    if (/^shallow [\da-f]{40,64}$/.test(line)) continue;
    const [command = "", more = ""] = line.split("\0");
    const [, before = "", after = "", ref = ""] = /^([\da-f]{40,64}) ([\da-f]{40,64}) (\S+)$/.exec(command) ?? [];
    if (ref === "") throw new GitError("refused", "git sent something else than a push");
    if (commands.length === 0) capabilities = more;
    commands.push({ before, after, ref });
  }
  return { commands, hasSideBand: capabilities.split(" ").includes("side-band-64k") };
}

async function* following(read: Buffer, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield read;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}

/** What git shows of a push that was refused, with the reason at each ref. */
export function refusedPush({ commands, hasSideBand }: Push, reason: string): Buffer {
  const plain = reason.replace(/[\p{Cc}\p{Cf}]/gu, " ").slice(0, 300);
  const lines = ["unpack ok", ...commands.map(({ ref }) => `ng ${ref} ${plain}`)];
  const report = Buffer.concat([...lines.map((line) => packetOf(Buffer.from(`${line}\n`))), end]);
  return hasSideBand ? Buffer.concat([packetOf(Buffer.concat([Buffer.from([1]), report])), end]) : report;
}

const end = Buffer.from("0000");

function packetOf(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from((content.length + 4).toString(16).padStart(4, "0")), content]);
}
