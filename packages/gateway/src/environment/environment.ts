import type { Copy, CopyChoice } from "@waiide/protocol";
import { chooseSettings, secretIn } from "./chosen-settings.ts";
import { devcontainerIn, devcontainerProblem, generateDevcontainer, generatedPlace } from "./devcontainer.ts";
import { type FolderFiles, readJson } from "./folder-files.ts";
import { type InstalledExtensions, readInstalledExtensions } from "./installed-extensions.ts";
import { kernelsIn } from "./kernels.ts";
import { type FoundLock, imageFor, locksIn } from "./locks.ts";
import { type PythonFacts, readPython } from "./python.ts";
import { findRuns } from "./runs.ts";

/** Where the packages are written that are installed, if no file of the folder names them. */
const frozenPlace = ".devcontainer/requirements.txt";

/** What the server says about the environment; the folder says the rest. */
export interface ServerEnvironment {
  /** Of the IDE. */
  readonly dataFolder: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Of the hub's spawn page; undefined: unknown. */
  readonly profile: string | undefined;
  /** The owner's settings in the IDE, as text; the first that has a key decides. */
  readonly settings: () => Promise<readonly (string | undefined)[]>;
}

export interface EnvironmentSource {
  readonly files: FolderFiles;
  /** Absolute; undefined: the files lie in no folder of the owner's, as those of a commit. */
  readonly folder: string | undefined;
  readonly name: string;
  readonly server: ServerEnvironment;
}

type Facts = Pick<
  Copy,
  | "devcontainer"
  | "locks"
  | "kernels"
  | "python"
  | "image"
  | "profile"
  | "extensions"
  | "extensions_left_out"
  | "settings"
  | "runs"
>;

export interface Environment extends Facts {
  /** Files that WAIIDE writes, by their path. */
  readonly written: ReadonlyMap<string, string>;
  readonly settingsLeftOut: readonly { readonly key: string; readonly why: string }[];
  /** Packages that no index has. */
  readonly packagesLeftOut: readonly string[];
  /** Why the folder's own devcontainer.json cannot be used; undefined: it can, or there is none. */
  readonly problem: string | undefined;
}

/** Describes what a folder needs to work elsewhere. Nothing is run, and nothing secret is in it. */
export async function describeEnvironment(
  { files, folder, name, server }: EnvironmentSource,
  choice: CopyChoice,
): Promise<Environment> {
  const { variables } = server;
  const python = folder === undefined ? undefined : await readPython(folder, variables);
  const installed = choice.extensions ? await readInstalledExtensions(server.dataFolder) : noExtensions;
  const own = readJson(await files.read(".vscode/settings.json"));
  const chosen = chooseSettings(choice.settings, [own, ...(await server.settings()).map(readJson)]);
  const found = locksIn(files.paths);
  const frozen = freeze(found, python);
  const locks = frozen === undefined ? found : [...found, ...locksIn([frozenPlace])];
  const written = new Map(frozen === undefined ? [] : [[frozenPlace, frozen]]);
  const place = devcontainerIn(files.paths);
  const problem = place === undefined ? undefined : devcontainerProblem(await files.read(place));
  if (place === undefined) {
    const image = ownImage(variables) ?? imageFor(locks, python?.version);
    written.set(generatedPlace, generated(name, image, locks, installed, chosen.settings));
  }
  const devcontainer =
    place === undefined ? { path: generatedPlace, generated: true } : { path: place, generated: false };
  return {
    devcontainer: problem === undefined ? devcontainer : null,
    locks: locks.map(({ path, tool }) => ({ path, tool, frozen: written.has(path) })),
    kernels: (await kernelsIn(files)).slice(0, 100),
    python: python?.version ?? null,
    image: nameOf(variables.JUPYTER_IMAGE_SPEC ?? variables.JUPYTER_IMAGE, 500),
    profile: server.profile ?? null,
    extensions: [...installed.fromGallery],
    extensions_left_out: [...installed.fromFiles],
    settings: chosen.settings,
    runs: await findRuns(withWritten(files, written)),
    written,
    settingsLeftOut: chosen.leftOut,
    packagesLeftOut: frozen === undefined ? [] : (python?.elsewhere ?? []),
    problem,
  };
}

const noExtensions: InstalledExtensions = { fromGallery: [], fromFiles: [] };

/** The packages that are installed, where no file of the folder names them. */
function freeze(found: readonly FoundLock[], python: PythonFacts | undefined): string | undefined {
  const isNamed = found.some(({ group }) => group === "python");
  if (isNamed || python === undefined || python.packages.length === 0) return undefined;
  return `# What was installed; written by WAIIDE.\n${python.packages.join("\n")}\n`;
}

function generated(
  name: string,
  image: string,
  locks: readonly FoundLock[],
  { fromGallery }: InstalledExtensions,
  settings: Copy["settings"],
): string {
  // One for each language: the more exact comes first.
  const ofGroups = [...Map.groupBy(locks, ({ group }) => group).values()].map(([first]) => first);
  const commands = ofGroups.flatMap((lock) =>
    lock?.command === undefined ? [] : [[lock.tool, lock.command] as const],
  );
  const extensions = fromGallery.map(({ id }) => id);
  return generateDevcontainer({ name, image, commands: Object.fromEntries(commands), extensions, settings });
}

/** Images of the Jupyter project are public; others may need a login. */
function ownImage({ JUPYTER_IMAGE_SPEC, JUPYTER_IMAGE }: ServerEnvironment["variables"]): string | undefined {
  const image = JUPYTER_IMAGE_SPEC ?? JUPYTER_IMAGE ?? "";
  return /^(?:quay\.io\/|docker\.io\/)?jupyter\/[\w./-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/.test(image)
    ? image
    : undefined;
}

function nameOf(value: string | undefined, max: number): string | null {
  const isName = value !== undefined && value !== "" && value.length <= max && !/[\p{C}\s]/u.test(value);
  return isName && secretIn(value) === undefined ? value : null;
}

function withWritten(files: FolderFiles, written: ReadonlyMap<string, string>): FolderFiles {
  return {
    paths: [...new Set([...files.paths, ...written.keys()])],
    read: async (path) => written.get(path) ?? files.read(path),
  };
}
