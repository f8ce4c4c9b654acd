import { cp, lstat, mkdir, readdir, rename, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { listFolder } from "../../system/missing-file.ts";
import { findMissingBuildTools } from "../../system/programs.ts";
import { unpack } from "./archive.ts";
import { codeServerVersion } from "./distributions.ts";
import { describeIdeServer, findIdeServer } from "./ide-server.ts";
import { Npm } from "./npm.ts";
import { StepFailure } from "./steps.ts";

/** Native modules that must be compiled here. The others bring binaries, or are only needed for what we do not use. */
const compiledModules = ["@vscode/spdlog", "@vscode/native-watchdog"];

/** Download, modules with what compiling them leaves, and compressed files. Bytes. */
const npmSpace = 1.5e9;

/** One step on the way to a complete IDE server in the staging folder. */
export interface SourceStep {
  readonly name: string;
  run(context: SourceContext): Promise<void>;
}

export interface SourceContext {
  /** The staging folder; made by the first step. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

/** What makes two IDE servers the same. */
export interface Identity {
  readonly distribution: string;
  readonly release: string;
  /** Undefined: any. */
  readonly commit: string | undefined;
}

/** Where an IDE server comes from. */
export interface IdeSource {
  /** For messages: `npm`, or the path. */
  readonly name: string;
  /** Room that the installation takes while it is made, bytes. */
  space(): Promise<number>;
  /** What it brings, where that can be known beforehand. */
  identify(): Promise<Identity | undefined>;
  /** Throws a StepFailure where something is missing that the steps need. */
  check(environment: NodeJS.ProcessEnv): Promise<void>;
  /** The first one brings the files that browsers fetch; the others complete the server. */
  readonly steps: readonly SourceStep[];
}

/** The source that `--from` names: `npm`, a folder, or a .tar, .tar.gz or .tgz. */
export async function sourceOf(from: string): Promise<IdeSource> {
  if (from === "npm") return npmSource;
  const path = resolve(from);
  const found = await stat(path).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error;
    throw new StepFailure(`there is no ${path}`, "Name a folder, a .tar.gz or “npm” with --from.");
  });
  return found.isDirectory() ? folderSource(path) : tarballSource(path, found.size);
}

const unpackedFolder = "unpacked";

const npmSource: IdeSource = {
  name: "npm",
  space: async () => npmSpace,
  identify: async () => ({ distribution: "code-server", release: codeServerVersion, commit: undefined }),
  async check(environment) {
    await npmOf(environment);
    const tools = await findMissingBuildTools(environment);
    if (tools) throw new StepFailure(`to compile native modules, this is missing: ${tools.missing}`, tools.advice);
  },
  steps: [
    { name: `Download code-server ${codeServerVersion}`, run: downloadCodeServer },
    { name: "Install its modules", run: installModules },
    { name: "Compile native modules", run: compileModules },
  ],
};

/**
 * code-server without its own web server and what that needs: only the VS Code server that its package carries, with the
 * licences of both.
 */
async function downloadCodeServer({ folder, environment, signal }: SourceContext): Promise<void> {
  const download = join(folder, "download");
  await mkdir(download, { recursive: true });
  await runNpm(["pack", `code-server@${codeServerVersion}`, "--ignore-scripts"], download, { environment, signal });
  const archive = (await readdir(download)).find((name) => name.endsWith(".tgz"));
  if (archive === undefined) throw new StepFailure("npm brought no package", "Try again with another version of npm.");
  const notices = ["package/LICENSE", "package/ThirdPartyNotices.txt"];
  await unpack(
    join(download, archive),
    join(folder, unpackedFolder),
    (path) => path.startsWith("package/lib/vscode/") || notices.includes(path),
  );
  const unpacked = join(folder, unpackedFolder);
  const ideFolder = await serverIn(folder);
  for (const notice of await listFolder(join(unpacked, "package"))) {
    if (notice !== "lib") await rename(join(unpacked, "package", notice), join(ideFolder, notice));
  }
}

/** `npm ci` refuses: the package's lock file is out of step with its package.json. */
async function installModules({ folder, environment, signal }: SourceContext): Promise<void> {
  const ideFolder = await serverIn(folder);
  const install = ["install", "--omit=dev", "--ignore-scripts", "--no-save"];
  await runNpm(install, ideFolder, { environment, signal });
  // Extensions share modules of their own: without them TypeScript and JavaScript have no language service.
  const extensions = join(ideFolder, "extensions");
  if ((await listFolder(extensions)).includes("package.json")) {
    await runNpm(install, extensions, { environment, signal });
  }
}

async function compileModules({ folder, environment, signal }: SourceContext): Promise<void> {
  const rebuild = ["rebuild", "--ignore-scripts=false", ...compiledModules];
  await runNpm(rebuild, await serverIn(folder), { environment, signal });
}

async function npmOf(environment: NodeJS.ProcessEnv): Promise<Npm> {
  const npm = await Npm.find(environment);
  if (npm) return npm;
  throw new StepFailure("npm is neither on PATH nor beside Node", "Install npm (on Debian: “apt-get install -y npm”).");
}

async function runNpm(
  args: readonly string[],
  folder: string,
  { environment, signal }: Omit<SourceContext, "folder">,
): Promise<void> {
  const npm = await npmOf(environment);
  const outcome = await npm.run(args, { folder, signal });
  if (typeof outcome !== "string") throw new StepFailure(outcome.reason, outcome.advice);
}

function folderSource(path: string): IdeSource {
  return {
    name: path,
    space: async () => 1.1 * (await sizeOf(await serverIn(path))),
    async identify() {
      const found = await describeIdeServer(await serverIn(path));
      if (typeof found === "string") throw new StepFailure(found, "Name the folder of a complete VS Code server.");
      return { distribution: found.distribution.id, release: found.release, commit: found.commit };
    },
    async check() {
      await serverIn(path);
    },
    steps: [
      {
        name: `Copy ${path}`,
        async run({ folder, signal }) {
          const from = await serverIn(path);
          if (`${resolve(folder)}${sep}`.startsWith(`${from}${sep}`)) {
            throw new StepFailure("the folder would be copied into itself", "Choose another place with --to.");
          }
          await cp(from, join(folder, unpackedFolder), {
            recursive: true,
            // Compressed files belong to sources of a certain age.
            preserveTimestamps: true,
            verbatimSymlinks: true,
            filter: () => {
              signal?.throwIfAborted();
              return true;
            },
          });
        },
      },
    ],
  };
}

/** What the files in a folder take, bytes. */
async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) size += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return size;
}

/** Archives of IDE servers unpack to three to four times their size. */
function tarballSource(path: string, size: number): IdeSource {
  return {
    name: path,
    space: async () => 5 * size,
    identify: async () => undefined,
    async check() {
      if (!/\.(tar|tar\.gz|tgz)$/.test(path)) {
        throw new StepFailure(`${path} is neither a folder nor a .tar.gz`, "Unpack it, and name the folder.");
      }
    },
    steps: [{ name: `Unpack ${path}`, run: ({ folder }) => unpack(path, join(folder, unpackedFolder)) }],
  };
}

/** The IDE server in a folder of an installation under way, or in one named by the user. Archives often hold one folder. */
export async function serverIn(folder: string): Promise<string> {
  const unpacked = join(folder, unpackedFolder);
  const places = [folder, unpacked, ...(await listFolder(unpacked)).map((name) => join(unpacked, name))];
  for (const place of places) {
    const found = await findIdeServer(place);
    if (found !== undefined) return found;
  }
  throw new StepFailure(
    "there is no product.json in it, neither at its top nor in lib/vscode, so it is not a VS Code server",
    "Name the folder or archive of a VS Code server for browsers, such as WAIIDE, code-server or OpenVSCode Server.",
  );
}
