// The product as one folder that runs from any place. The image and the wheel are made of it. Needs none of the
// repository's dependencies.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { SetupError } from "../bootstrap/steps.mjs";
import { noticesFor } from "./notices.ts";

/** Names of the command: hubs call the second one unless they are configured otherwise. */
const commands = ["waiide", "jupyterhub-singleuser"];

interface Part {
  /** In the repository. */
  readonly from: string;
  /** In the folder; files that the gateway looks for beside its own code are in `dist`. */
  readonly to: string;
  /** Chooses among the files below by their path there; all are copied without it. */
  readonly wanted?: (path: string) => boolean;
}

const parts: readonly Part[] = [
  { from: "packages/gateway/bin/waiide", to: "bin/waiide" },
  { from: "packages/gateway/dist/waiide.cjs", to: "dist/waiide.cjs" },
  { from: "packages/gateway/dist/gateway.cjs", to: "dist/gateway.cjs" },
  { from: "packages/gateway/dist/store-worker.cjs", to: "dist/store-worker.cjs" },
  { from: "packages/gateway/dist/merge-worker.cjs", to: "dist/merge-worker.cjs" },
  { from: "packages/gateway/dist/check-worker.cjs", to: "dist/check-worker.cjs" },
  { from: "packages/gateway/dist/compiled", to: "dist/compiled" },
  { from: "packages/workbench/dist", to: "dist/workbench", wanted: (path) => path !== "stamp" },
  { from: "packages/extension/dist/waiide-hub.vsix", to: "dist/waiide-hub.vsix" },
  { from: "packages/extension/dist/waiide-page.js", to: "dist/waiide-page.js" },
  { from: "packages/extension/dist/keeper", to: "dist/keeper" },
  { from: "packages/extension/dist/live", to: "dist/live" },
  { from: "LICENSE", to: "LICENSE" },
];

/** The packages that are compiled in. */
export const bundled = ["packages/protocol", "packages/gateway", "packages/workbench", "packages/extension"];

/**
 * Puts everything together in a folder that is new, empty or an earlier one of ours. The product needs Node 24 or newer on
 * PATH, and nothing else of the repository.
 * @throws SetupError if something was not built, or the folder holds something else
 */
export function assemble(repository: string, folder: string): void {
  const missing = parts.filter(({ from }) => !existsSync(join(repository, from)));
  if (missing.length > 0) {
    throw new SetupError(
      `These parts were not built: ${missing.map(({ from }) => from).join(", ")}`,
      "Run “npm run build”, then the same command again.",
    );
  }
  requireReplaceable(folder);
  const staging = join(dirname(folder), `.${basename(folder)}.new`);
  rmSync(staging, { recursive: true, force: true });
  for (const part of parts) copyPart(join(repository, part.from), join(staging, part.to), part.wanted);
  for (const name of commands.slice(1)) symlinkSync("waiide", join(staging, "bin", name));
  writeFileSync(join(staging, "package.json"), manifestFrom(join(repository, "packages/gateway/package.json")));
  const withTerms = bundled.map((name) => join(repository, name));
  writeFileSync(join(staging, "THIRD-PARTY-NOTICES.txt"), noticesFor(withTerms));
  makeReadable(staging);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staging, folder);
}

function requireReplaceable(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, "dist", "waiide.cjs")) || readdirSync(folder).length === 0) return;
  throw new SetupError(`${folder} holds something else.`, "Name a folder that is new or empty.");
}

function copyPart(from: string, to: string, wanted: (path: string) => boolean = () => true): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, filter: (path) => wanted(relative(from, path)) });
}

/** The folder's manifest names no dependencies, as it needs none. */
function manifestFrom(file: string): string {
  const { name, version, description, license, type, bin } = JSON.parse(readFileSync(file, "utf8"));
  const manifest = { name, version, description, license, type, bin, engines: { node: ">=24" } };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** All users may run an installed program, whatever the umask was. */
function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, dirname(path) === join(folder, "bin") ? 0o755 : 0o644);
  }
}
