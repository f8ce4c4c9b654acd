import { realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { hasCode } from "../base/error-code.ts";

/** What opens after a pull; all of it is of this server. */
export interface Destination {
  /** Below the base URL, with its query; undefined: the IDE. */
  readonly path?: string;
  /** The IDE's folder. */
  readonly folder: string;
  /** The file that the IDE opens. */
  readonly file?: string;
}

/** Jupyter's addresses of files: `lab/tree/a.ipynb`, `tree/a.ipynb`, `notebooks/a.ipynb`, `lab/workspaces/x/tree/a.ipynb`. */
const jupyterPath =
  /^(?:(?:lab|retro|doc)(?:\/workspaces\/[^/]+)?(?:\/tree|\/notebooks|\/edit)?|tree|notebooks|edit|files|view|nbclassic\/(?:tree|notebooks|edit))(?:\/(.*))?$/;

/**
 * @param opens of the link: an address of Jupyter means a file for the IDE; everything else one below the base URL
 * @param clone the folder that was pulled
 */
export async function destinationOf(opens: string, workspace: string, clone: string): Promise<Destination> {
  if (opens === "") return { folder: clone };
  const path = opens.split(/[?#]/, 1)[0] ?? "";
  const jupyter = jupyterPath.exec(path.replace(/\/+$/, ""));
  if (jupyter === null) return { folder: clone, path: opens };
  const found = await placeIn(workspace, jupyter[1] ?? "");
  if (found === undefined) return { folder: clone };
  if ((await stat(found)).isDirectory()) return { folder: isIn(await realpath(clone), found) ? found : clone };
  return { folder: clone, file: found };
}

/** A path below the workspace that exists, with links followed, and is there too. */
async function placeIn(workspace: string, path: string): Promise<string | undefined> {
  try {
    const root = await realpath(workspace);
    const found = await realpath(join(root, decodeURIComponent(path)));
    return isIn(root, found) ? found : undefined;
  } catch (error) {
    if (
      error instanceof URIError ||
      hasCode(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE")
    ) {
      return undefined;
    }
    throw error;
  }
}

function isIn(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`);
}
