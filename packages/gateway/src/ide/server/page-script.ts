import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import type { IdePageSettings, IdePageState } from "@waiide/protocol";
import type { Logger } from "../../base/log.ts";
import { answerContent } from "../../http/answer.ts";
import { unlessMissing } from "../../system/missing-file.ts";

/** Where the page finds our script, below the mount. */
export const pageScriptPath = "waiide-page.js";
/** What a page asks that has lost its connection, below the mount. */
export const pageStatePath = "waiide-state";

/** Where the page finds the extension that keeps unsaved text, below the mount; then follow the page's name and a file. */
const keeperPath = "waiide-keeper/";
const keeperFiles: Readonly<Record<string, string>> = {
  "package.json": "application/json",
  "package.nls.json": "application/json",
  "keeper.js": "text/javascript; charset=utf-8",
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

/** Path of that extension's folder for one load of the page: the extension knows both from its own address. */
export function keeperFolder(prefix: string, page: string): string {
  return `${prefix}${keeperPath}${page}`;
}

/** Whether it lies below that folder, of whatever load of the page. @param path below the mount */
export function isKeeperPath(path: string): boolean {
  return path.startsWith(`/${keeperPath}`);
}

/** Answers with a file of that extension; what it does not have is a plain 404, as VS Code expects of optional files. */
export async function answerKeeper(response: ServerResponse, path: string): Promise<void> {
  const name = /^\/waiide-keeper\/[\da-f-]{36}\/([\w.]+)$/.exec(path)?.[1] ?? "";
  const type = Object.hasOwn(keeperFiles, name) ? keeperFiles[name] : undefined;
  const content = type && (await unlessMissing(readFile(join(extensionFile("keeper"), name))));
  if (type === undefined || content === undefined) response.writeHead(404).end();
  else answerContent(response, { type, body: content });
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
