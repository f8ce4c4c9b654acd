import { open, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream";
import type { WorkbenchManifest } from "@waiide/protocol";
import type { FileService } from "./file-service.ts";
import { present, Refusal } from "./file-service.ts";

const dist = join(import.meta.dirname, "../../dist");

export interface PageServerOptions {
  readonly base: string;
  readonly share: string;
  readonly files: FileService;
}

/** The page of a share, what it is made of, and the bytes of large files: what a gateway serves over HTTP. */
export class PageServer {
  readonly fetched: { readonly path: string; readonly bytes: number }[] = [];
  readonly #options: PageServerOptions;
  #manifest: WorkbenchManifest | undefined;

  constructor(options: PageServerOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    this.#manifest = JSON.parse(await readFile(join(dist, "manifest.json"), "utf8")) as WorkbenchManifest;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.writeHead(404).end();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { base, share } = this.#options;
    const manifest = this.#manifest;
    if (manifest === undefined) throw new Error("the page server was not loaded");
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const assets = `${base}share/assets/${manifest.hash}/`;
    const page = `${base}share/${share}/`;
    if (pathname === page) return this.#page(manifest, page, assets, response);
    if (pathname === `${page}api/session`) {
      response.writeHead(426).end();
      return;
    }
    if (pathname.startsWith(assets)) return this.#asset(manifest, pathname.slice(assets.length), request, response);
    if (pathname.startsWith(`${page}files/`)) {
      return this.#file(pathname.slice(`${page}files/`.length), response);
    }
    response.writeHead(404).end();
  }

  #page(manifest: WorkbenchManifest, page: string, assets: string, response: ServerResponse): void {
    const styles = manifest.styles.map((file) => `<link rel="stylesheet" href="${assets}${file}">`);
    const preloads = manifest.preload.map((file) => `<link rel="modulepreload" href="${assets}${file}">`);
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": manifest.policy.replaceAll("{assets}", assets).replaceAll("{share}", page),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    response.end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>WAIIDE</title>
${[...styles, ...preloads].join("\n")}
<script type="module" src="${assets}${manifest.entry}"></script>
</head>
<body data-share="${this.#options.share}" data-base="${page}" data-assets="${assets}"></body>
</html>
`);
  }

  async #asset(manifest: WorkbenchManifest, name: string, request: IncomingMessage, response: ServerResponse) {
    const file = Object.hasOwn(manifest.files, name) ? manifest.files[name] : undefined;
    if (file === undefined) return void response.writeHead(404).end();
    const accepted = String(request.headers["accept-encoding"] ?? "");
    const brotli = file.compressed && accepted.includes("br");
    const bytes = await readFile(join(dist, brotli ? `${name}.br` : name));
    this.fetched.push({ path: name, bytes: bytes.length });
    response.writeHead(200, {
      "content-type": file.type,
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      ...(brotli && { "content-encoding": "br" }),
      ...(file.connections !== undefined && { "connection-allowlist": file.connections }),
      ...(file.policy !== undefined && {
        "content-security-policy": file.policy.replaceAll("{assets}", pathOf(request)),
      }),
    });
    response.end(bytes);
  }

  async #file(name: string, response: ServerResponse): Promise<void> {
    const path = this.#options.files.real(name.split("/").map(decodeURIComponent).join("/"));
    const file = await present(open(path));
    const { size } = await file.stat();
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": size,
      "content-disposition": "attachment",
      "content-security-policy": "sandbox",
      "x-content-type-options": "nosniff",
    });
    // Who goes away in the middle of it is no error.
    pipeline(file.createReadStream(), response, () => undefined);
  }
}

/** The folder of the assets, as the browser names it. */
function pathOf(request: IncomingMessage): string {
  const [path = "/"] = (request.url ?? "/").split("?");
  return path.replace(/(\/share\/assets\/[^/]+\/).*/, "$1");
}
