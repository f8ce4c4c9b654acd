import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import type { IdePageSettings, IdePageState } from "@waiide/protocol";
import type { Logger } from "../../base/log.ts";
import { answerContent } from "../../http/answer.ts";
import { asDeclared } from "../../http/content-type.ts";
import { proofSegment } from "../../http/page-proof.ts";
import { unlessMissing } from "../../system/missing-file.ts";

/** Where the page finds our script, below the mount. */
export const pageScriptPath = "waiide-page.js";
/** What a page asks that has lost its connection, below the mount. */
export const pageStatePath = "waiide-state";

/** Our extensions in the page's web worker: the folder of each, below the mount, and its files. */
const workerExtensions: Readonly<Record<string, ReadonlySet<string>>> = {
  "waiide-keeper": new Set(["package.json", "package.nls.json", "keeper.js"]),
  "waiide-live": new Set(["package.json", "package.nls.json", "live.js"]),
};

/** A file that the build of packages/extension makes: beside the gateway's own code where it was packed, else in its `dist`. */
export function extensionFile(name: string, here = import.meta.dirname, self = import.meta.filename): string {
  const packed = join(here, name);
  if (existsSync(packed)) return packed;
  const packages = self.endsWith(".ts") ? "../../../.." : "../..";
  return join(here, packages, "extension", "dist", name);
}

/** The element that runs it before everything else of the page. @param address of the script */
export function pageScriptElement(address: string, settings: IdePageSettings): string {
  return `<script src="${attribute(address)}" data-settings="${attribute(JSON.stringify(settings))}"></script>`;
}

/**
 * Path of the extension that keeps unsaved text, for one load of the page: the extension knows both from its own address.
 * @param mount at which the browser sees the IDE
 */
export function keeperFolder(mount: string, page: string): string {
  return `${mount}waiide-keeper/${page}`;
}

/**
 * Path of the extension for live editing. It finds the gateway's socket by its own address: `api/live` in place of `ide/waiide-live`, with the
 * page's proof (RULES R5).
 * @param below the owner's or a share's part of the address space; ends with `/`
 */
export function liveFolder(below: string, proof: string): string {
  return `${below}${proofSegment(proof)}/ide/waiide-live`;
}

/** Whether it lies below such a folder, of whatever load of the page. @param path below the mount */
export function isWorkerExtensionPath(path: string): boolean {
  return Object.keys(workerExtensions).some((folder) => path.startsWith(`/${folder}/`));
}

/** Answers with a file of such an extension; what it does not have is a plain 404, as VS Code expects of optional files. */
export async function answerWorkerExtension(response: ServerResponse, path: string): Promise<void> {
  const [, folder = "", name = ""] = /^\/(waiide-keeper|waiide-live)\/(?:[\da-f-]{36}\/)?([\w.]+)$/.exec(path) ?? [];
  const isServed = Object.hasOwn(workerExtensions, folder) && workerExtensions[folder]?.has(name) === true;
  const file = join(extensionFile(folder.replace("waiide-", "")), name);
  const body = isServed ? await unlessMissing(readFile(file)) : undefined;
  const type = name.endsWith(".js") ? "text/javascript; charset=utf-8" : "application/json";
  if (body === undefined) response.writeHead(404).end();
  else answerContent(response, { type, body });
}

/** Answers with our script. Without it the IDE works as VS Code's own does, so a missing one is only logged. */
export async function answerPageScript(response: ServerResponse, logger: Logger): Promise<void> {
  const file = extensionFile(pageScriptPath);
  const script = await unlessMissing(readFile(file));
  if (script === undefined)
    logger.warn({ file }, "the script of the IDE's page was not built: lost connections are noticed late");
  answerContent(response, { type: "text/javascript; charset=utf-8", body: script ?? "" });
}

export function answerPageState(response: ServerResponse, state: IdePageState): void {
  answerContent(response, { type: "application/json", body: JSON.stringify(state) });
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A script of ours that is a text in our code. */
export function answerScript(response: ServerResponse, script: string): void {
  response
    .writeHead(200, {
      "Content-Type": "text/javascript; charset=utf-8",
      "Content-Length": Buffer.byteLength(script),
      "Cache-Control": "no-store",
      ...asDeclared,
    })
    .end(script);
}
