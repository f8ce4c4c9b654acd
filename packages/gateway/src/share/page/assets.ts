import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { GatewayError } from "../../base/errors.ts";
import { asDeclared } from "../../http/content-type.ts";
import { answerFile } from "../../http/file-answer.ts";
import { isRead } from "../../http/methods.ts";
import { acceptedCodings } from "../../http/negotiation.ts";
import type { WorkbenchFiles } from "./workbench-files.ts";

/** The endings of files compressed at build, by content coding. */
const endings = { br: ".br", gzip: ".gz", identity: "" } as const;

/** `share/assets/<hash>/…`: the guest workbench's own files, the same for every share, so that the second one is fast. */
export class ShareAssets {
  readonly #files: WorkbenchFiles;

  constructor(files: WorkbenchFiles) {
    this.#files = files;
  }

  /** @param path behind `share/assets`, as sent. @throws GatewayError NOT_FOUND */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const [, hash, ...rest] = path.split("/");
    const name = rest.join("/");
    const manifest = await this.#files.manifest();
    const known = manifest !== undefined && Object.hasOwn(manifest.files, name) ? manifest.files[name] : undefined;
    if (known === undefined || hash !== manifest?.hash) {
      throw new GatewayError("NOT_FOUND", { path: `/share/assets${path}`, base: "/" });
    }
    if (!isRead(request, response)) return;
    const coding = known.compressed
      ? (acceptedCodings(request.headers["accept-encoding"])[0] ?? "identity")
      : "identity";
    const file = join(this.#files.folder, `${name}${endings[coding]}`);
    const { size } = await stat(file);
    const headers = {
      "Content-Type": known.type,
      ...(coding === "identity" ? {} : { "Content-Encoding": coding }),
      ...(known.policy === undefined ? {} : { "Content-Security-Policy": known.policy }),
      ...(known.connections === undefined ? {} : { "Connection-Allowlist": known.connections }),
      Vary: "Accept-Encoding",
      "Cache-Control": "public, max-age=31536000, immutable",
      ...asDeclared,
      "Cross-Origin-Resource-Policy": "same-origin",
    };
    const content = { size, read: (start: number, end: number) => createReadStream(file, { start, end }) };
    await answerFile(request, response, { headers, content });
  }
}
