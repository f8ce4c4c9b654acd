import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { answerContent, type Content } from "../../http/answer.ts";
import { contentTypeOf } from "../../http/content-type.ts";
import { iconSvg } from "../../http/pages/icon.ts";
import { readOrMakeSecret } from "../../system/secret-file.ts";
import type { IdeServer } from "../install/ide-server.ts";

const brief = "public, max-age=3600";

/** What the workbench asks for and a server that was started without its own launcher does not have. */
export class IdeExtras {
  readonly #server: Pick<IdeServer, "folder" | "staticPrefix">;
  readonly #keyFile: string | undefined;
  #key: Promise<Buffer> | undefined;

  /** @param keyFile holds the key for the secrets that the workbench keeps in the browser; made when first asked for; undefined: there is none */
  constructor(server: Pick<IdeServer, "folder" | "staticPrefix">, keyFile: string | undefined) {
    this.#server = server;
    this.#keyFile = keyFile;
  }

  /**
   * Answers if it is one of them.
   * @param path below the IDE's mount, without query
   * @returns whether it was
   */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    const extra = await this.#find(request.method ?? "", path);
    if (!extra) return false;
    answerContent(response, extra);
    return true;
  }

  async #find(method: string, path: string): Promise<Content | undefined> {
    if (method === "POST") return path === "/mint-key" ? this.#mintKey(this.#keyFile) : undefined;
    if (method !== "GET" && method !== "HEAD") return undefined;
    if (path === "/manifest.json") return manifest;
    const icon = /^\/_static\/src\/browser\/media\/([\w-]+\.(?:svg|png|ico))$/.exec(path)?.[1];
    if (icon !== undefined) return this.#icon(icon);
    const { staticPrefix, folder } = this.#server;
    const vsda = `${staticPrefix}node_modules/vsda/rust/web/`;
    if (!path.startsWith(vsda)) return undefined;
    const empty = emptyVsda.get(path.slice(vsda.length));
    return empty && (await readIfThere(join(folder, path.slice(staticPrefix.length)))) === undefined
      ? empty
      : undefined;
  }

  /** The distribution's own (code-server's package keeps them beside its `lib/vscode`), else ours. */
  async #icon(name: string): Promise<Content> {
    const { folder } = this.#server;
    const inPackage = folder.endsWith(join("lib", "vscode"));
    const own = inPackage ? await readIfThere(join(folder, "../../src/browser/media", name)) : undefined;
    if (own) return { type: contentTypeOf(name), body: own, cacheControl: brief };
    // Browsers take an SVG for any icon: the content type counts, not the name.
    return { type: contentTypeOf("icon.svg"), body: iconSvg, cacheControl: brief };
  }

  /**
   * The server's half of the key under which the workbench keeps secrets (a GitHub login) in the browser's storage. The
   * storage belongs to the origin, so all of a user's servers must give the same one.
   */
  async #mintKey(keyFile: string | undefined): Promise<Content | undefined> {
    if (keyFile === undefined) return undefined;
    this.#key ??= readOrMakeSecret(keyFile);
    try {
      return { type: "application/octet-stream", body: await this.#key, cacheControl: "no-store" };
    } catch (error) {
      this.#key = undefined;
      throw error;
    }
  }
}

/**
 * Microsoft's module for signing the handshake is not open source, and open servers check no signature. The workbench goes
 * on unsigned where the module defines nothing; a 404 would do the same, with an error in the browser's log. `define` is the
 * workbench's loader, which warns about scripts that never call it.
 */
const vsdaScript = "// This server asks for no signature.\ndefine([], () => ({}));\n";

const emptyVsda = new Map<string, Content>([
  ["vsda.js", { type: contentTypeOf("vsda.js"), body: vsdaScript, cacheControl: brief }],
  ["vsda_bg.wasm", { type: contentTypeOf("vsda_bg.wasm"), body: "", cacheControl: brief }],
]);

/** So that the page can be installed as an app; addresses are relative to the manifest's own. */
const manifest: Content = {
  type: contentTypeOf("manifest.webmanifest"),
  cacheControl: brief,
  body: JSON.stringify({
    name: "WAIIDE",
    short_name: "WAIIDE",
    start_url: ".",
    display: "fullscreen",
    display_override: ["window-controls-overlay"],
    icons: [{ src: "_static/src/browser/media/favicon-dark-support.svg", type: "image/svg+xml", sizes: "any" }],
  }),
};

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR", "EACCES")) return undefined;
    throw error;
  }
}
