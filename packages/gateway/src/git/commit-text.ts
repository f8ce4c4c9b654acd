/** What a commit says of itself. Everything in it is a claim of whoever made it. */
export interface CommitText {
  readonly author: string;
  readonly email: string;
  /** Milliseconds since 1970. */
  readonly date: number;
  readonly message: string;
}

/** `name <email> seconds zone`. */
const person = /^(.*?)\s*<([^<>]*)> (\d{1,12}) ([+-]\d{4})$/;

/** @param content of the commit, as git keeps it */
export function readCommit(content: Buffer): CommitText {
  const { headers, body, encoding } = parts(content);
  const found = person.exec(decoded(headerOf(headers, "author"), encoding));
  return {
    author: found?.[1] || "unknown",
    email: found?.[2] ?? "",
    date: Number(found?.[3] ?? 0) * 1_000,
    message: decoded(body, encoding).replace(/\n+$/, ""),
  };
}

/**
 * The same commit with other files and other parents: author, committer, dates and message stay, signatures go, as they would be
 * wrong.
 */
export function rewriteCommit(content: Buffer, tree: string, parents: readonly string[]): Buffer {
  const { headers, body } = parts(content);
  const line = (name: string) => Buffer.concat([Buffer.from(`${name} `), personOf(headerOf(headers, name)), newline]);
  const encoding = headerOf(headers, "encoding");
  return Buffer.concat([
    Buffer.from([`tree ${tree}`, ...parents.map((id) => `parent ${id}`), ""].join("\n")),
    line("author"),
    line("committer"),
    ...(encoding.length > 0 && /^[\w-]{1,40}$/.test(encoding.toString("latin1"))
      ? [Buffer.from("encoding "), encoding, newline]
      : []),
    newline,
    body.includes(0) ? Buffer.from(body.toString("latin1").replaceAll("\0", ""), "latin1") : body,
  ]);
}

const newline = Buffer.from("\n");

interface Parts {
  readonly headers: readonly Buffer[];
  readonly body: Buffer;
  readonly encoding: string;
}

function parts(content: Buffer): Parts {
  const end = content.indexOf("\n\n");
  const head = end < 0 ? content : content.subarray(0, end);
  const headers = head
    .toString("latin1")
    .split("\n")
    .map((line) => Buffer.from(line, "latin1"));
  const body = end < 0 ? Buffer.alloc(0) : content.subarray(end + 2);
  return { headers, body, encoding: headerOf(headers, "encoding").toString("latin1") || "utf-8" };
}

function headerOf(headers: readonly Buffer[], name: string): Buffer {
  const beginning = Buffer.from(`${name} `);
  const found = headers.find((line) => line.subarray(0, beginning.length).equals(beginning));
  return found?.subarray(beginning.length) ?? Buffer.alloc(0);
}

/** A line that git itself would write; others are refused by its own check. */
function personOf(line: Buffer): Buffer {
  const text = line.toString("latin1");
  return person.test(text) ? line : Buffer.from("unknown <unknown> 0 +0000");
}

function decoded(bytes: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch (error) {
    // The commit names an encoding that nobody knows.
    if (!(error instanceof RangeError)) throw error;
    return bytes.toString("utf8");
  }
}
