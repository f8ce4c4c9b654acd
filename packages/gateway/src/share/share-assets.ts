import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { contentTypeOf } from "../ide/content-type.ts";
import { acceptedCodings } from "../ide/negotiation.ts";
import { GatewayError } from "../server/errors.ts";

/** The endings of files compressed at build, by content coding. */
const endings = { br: ".br", gzip: ".gz", identity: "" } as const;

/** `share/assets/<hash>/…`: the guest workbench's own files, the same for every share, so that the second one is fast. */
export class ShareAssets {
  readonly #folder: string;
  readonly #hash: () => string | undefined;

  /**
   * @param folder where the build put them
   * @param hash of the build, in every address; undefined: there is none
   */
  constructor(folder: string, hash: () => string | undefined) {
    this.#folder = folder;
    this.#hash = hash;
  }

  /** @param path behind `share/assets`, as sent. @throws GatewayError NOT_FOUND */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const [, hash, ...rest] = path.split("/");
    const name = rest.join("/");
    const missing = new GatewayError("NOT_FOUND", { path: `/share/assets${path}`, base: "/" });
    // The build's own names hold nothing else, so that no other file can be meant.
    if (hash === undefined || hash !== this.#hash() || !/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(name)) throw missing;
    if (request.method !== "GET" && request.method !== "HEAD") throw missing;
    for (const coding of acceptedCodings(request.headers["accept-encoding"])) {
      const file = join(this.#folder, `${name}${endings[coding]}`);
      const size = await sizeOf(file);
      if (size === undefined) continue;
      response.writeHead(200, {
        "Content-Type": contentTypeOf(name),
        "Content-Length": size,
        ...(coding === "identity" ? {} : { "Content-Encoding": coding }),
        Vary: "Accept-Encoding",
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
      });
      if (request.method === "HEAD") response.end();
      else await pipeline(createReadStream(file), response);
      return;
    }
    throw missing;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    const info = await stat(file);
    return info.isFile() ? info.size : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
