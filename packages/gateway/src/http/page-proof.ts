import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { pageProof } from "@waiide/protocol";
import { reasonOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { newSecret, readOrMakeSecret, readSecret } from "../system/secret-file.ts";

/** The header in which scripts of our pages send their page's proof. */
export const pageProofHeader = pageProof.header;
const segmentStart = pageProof.segment;
/** Follows the mount of an IDE or a share; never a program's port, whose paths are its own. SHA-256 in base64url. */
const proven = /^((?:\/share\/[^/]+)?(?:\/ide|\/(?:abs)?proxy\/(?:8071|8081))?)\/~page-([\w-]{43})(\/.*)$/;

/** The person a page was made for. Their proof is worth nothing for others. */
export type PageHolder = `owner` | `hub:${string}` | `login:${string}` | `guest:${string}`;

/**
 * RULES R5: on a hub where all users share one origin, a request with the right cookie can come from another user's page.
 * A proof shows that it comes from a page that we made for the person whom the cookie names: only that page can read it, since
 * our pages open only in windows of their own. All pages of a person share it. It needs no memory and outlives restarts
 * and new logins, so that open pages keep working.
 */
export class PageProofs {
  #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** With the key in the gateway's data folder. Creates no file, so that a gateway that cannot start leaves nothing. */
  static async open(folder: string, logger: Logger): Promise<PageProofs> {
    try {
      return new PageProofs((await readSecret(keyFile(folder))) ?? newSecret());
    } catch (error) {
      return withoutKey(folder, logger, error);
    }
  }

  /** Stores a new key for the next start. */
  async keep(folder: string, logger: Logger): Promise<void> {
    try {
      this.#key = await readOrMakeSecret(keyFile(folder), this.#key);
    } catch (error) {
      withoutKey(folder, logger, error);
    }
  }

  of(holder: PageHolder): string {
    return createHmac("sha256", this.#key).update(`waiide page ${holder}`).digest("base64url");
  }

  isFor(holder: PageHolder, proof: string | undefined): boolean {
    const expected = Buffer.from(this.of(holder));
    const given = Buffer.from(proof ?? "");
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

function keyFile(folder: string): string {
  return join(folder, "page-key");
}

/** An unusable data folder does not stop the gateway; doctor and the store report it. */
function withoutKey(folder: string, logger: Logger, error: unknown): PageProofs {
  logger.warn({ folder, reason: reasonOf(error) }, "the key of pages cannot be stored: a restart ends open pages");
  return new PageProofs(newSecret());
}

/** The path segment that carries a proof for requests that cannot have headers: WebSockets, images, fonts. */
export function proofSegment(proof: string): string {
  return `${segmentStart}${proof}`;
}

/** `/ide/~page-<proof>/a/b` → the proof and `/ide/a/b`; other paths stay as they are. */
export function splitProof(path: string): { readonly path: string; readonly pageProof?: string } {
  const match = path.includes(`/${segmentStart}`) ? proven.exec(path) : null;
  return match === null ? { path } : { path: `${match[1]}${match[3]}`, pageProof: match[2] as string };
}

/** The proof of a request, from its path or its header. */
export function proofOf(
  { headers }: IncomingMessage,
  { pageProof: inPath }: { readonly pageProof?: string | undefined },
): string | undefined {
  const value = headers[pageProofHeader];
  return inPath ?? (typeof value === "string" ? value : undefined);
}
