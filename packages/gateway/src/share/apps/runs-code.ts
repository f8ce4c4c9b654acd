import { basename } from "node:path";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Backend } from "../../proxy/backend.ts";

/** Programs in which people run commands or code, by the names of their commands and modules. */
const codePrograms = new Set([
  "butterfly",
  "cloud9",
  "code-oss",
  "code-server",
  "code-tunnel",
  "gotty",
  "ipykernel",
  "jupyter",
  "jupyter-lab",
  "jupyter-labhub",
  "jupyter-nbclassic",
  "jupyter-notebook",
  "jupyter-server",
  "jupyter_server",
  "jupyterhub",
  "jupyterhub-singleuser",
  "jupyterlab",
  "nbclassic",
  "notebook",
  "openvscode-server",
  "polynote",
  "rserver",
  "rsession",
  "rstudio-server",
  "server-main",
  "shellinabox",
  "shellinaboxd",
  "sshwifty",
  "theia",
  "ttyd",
  "waiide",
  "web-pdb",
  "webssh",
  "wetty",
  "wssh",
  "zeppelin",
]);
/** Programs that do so only with these first words. */
const codeCommands: Readonly<Record<string, ReadonlySet<string>>> = {
  marimo: new Set(["edit", "new", "tutorial"]),
  code: new Set(["serve-web", "tunnel"]),
};
/** Commands of Jupyter that only show. */
const showing = new Set(["voila", "book"]);
const interpreters = /^(?:python|pypy|node|deno|bun|ruby|perl|julia|Rscript|R|java|sh|bash|dash|zsh|env)[\d.]*$/;

/** Whether by its command line a program lets its users run code. */
export function isCodeProgram({
  executable,
  arguments: words,
}: {
  readonly executable: string;
  readonly arguments: readonly string[];
}): boolean {
  return [[executable, ...words.slice(1)], words, behindInterpreter(words)].some(([program = "", ...rest]) => {
    const name = nameOf(program);
    const [first = ""] = rest.filter((word) => !word.startsWith("-"));
    if (name === "jupyter" && showing.has(first)) return false;
    return codePrograms.has(name) || codeCommands[name]?.has(first) === true;
  });
}

/** `python -u -m jupyterlab --no-browser` → `jupyterlab --no-browser`. */
function behindInterpreter([program = "", ...words]: readonly string[]): readonly string[] {
  if (!interpreters.test(basename(program))) return [];
  const start = words.findIndex((word) => !word.startsWith("-"));
  return start === -1 ? [] : words.slice(start);
}

function nameOf(program: string): string {
  return basename(program).replace(/\.(?:c?js|mjs|py|pyz|sh)$/, "");
}

/** What pages of such programs contain. */
const marks: readonly RegExp[] = [
  /id=["']?jupyter-config-data/,
  /data-base-url=[^>]*data-jupyter-api-token/,
  /<marimo-mode[^>]*data-mode=["']?edit/,
  /id=["']?vscode-workbench-web-configuration/,
  /<title>(?:ttyd|GoTTY|WeTTY|RStudio|Theia|Shell In A Box)\b/i,
  /content=["']ttyd\b/i,
];
/** Bytes of a page that are looked at, and milliseconds until it must be there. */
const pageSize = 256 * 1024;
const timeout = 3_000;

/**
 * Whether a running program answers like one that lets its users run code.
 * @param base where it serves; begins and ends with `/`
 */
export async function answersLikeCode(backend: Backend, base: string, logger: Logger): Promise<boolean> {
  const [api, page] = await Promise.all([ask(backend, `${base}api`, logger), ask(backend, base, logger)]);
  return isJupyterApi(api) || marks.some((mark) => mark.test(page));
}

/** Jupyter tells its version without a login. */
function isJupyterApi(text: string): boolean {
  return /^\s*\{\s*"version"\s*:\s*"[\d.a-z]+"\s*\}\s*$/.test(text);
}

async function ask(backend: Backend, path: string, logger: Logger): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    const { body } = await backend.request({
      method: "GET",
      path,
      headers: { accept: "text/html, application/json", "accept-encoding": "identity" },
      signal: AbortSignal.timeout(timeout),
    });
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size > pageSize) break;
    }
  } catch (error) {
    // A program that does not answer yet is known by its command.
    logger.debug({ reason: reasonOf(error) }, "a program that is to be shared does not answer");
  }
  return Buffer.concat(parts).toString("latin1");
}
