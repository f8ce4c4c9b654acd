/** A file that names the packages of a project, and how they are installed from it. */
interface LockKind {
  readonly names: RegExp;
  readonly tool: string;
  /** Installs what the file names; undefined: the tool does it by itself. */
  readonly command?: (path: string) => string;
  /** The image in which the tool is; the first that has one decides. */
  readonly image?: string;
  /** Of several kinds of a group, the first is enough. */
  readonly group: string;
}

const images = "mcr.microsoft.com/devcontainers";

/** The more exact come first. */
const kinds: readonly LockKind[] = [
  {
    names: /^uv\.lock$/,
    tool: "uv",
    command: () => "pip install --user uv && python -m uv sync --frozen",
    group: "python",
  },
  {
    names: /^poetry\.lock$/,
    tool: "poetry",
    command: () => "pip install --user poetry && python -m poetry install",
    group: "python",
  },
  {
    names: /^pdm\.lock$/,
    tool: "pdm",
    command: () => "pip install --user pdm && python -m pdm sync",
    group: "python",
  },
  {
    names: /^Pipfile\.lock$/,
    tool: "pipenv",
    command: () => "pip install --user pipenv && python -m pipenv sync",
    group: "python",
  },
  {
    names: /^(?:conda-lock|environment)\.ya?ml$/,
    tool: "conda",
    command: (path) => `conda env update --name base --file ${path}`,
    image: `${images}/miniconda:3`,
    group: "python",
  },
  {
    names: /^(?:.devcontainer\/)?requirements(?:[-.](?:lock|frozen))?\.txt$/,
    tool: "pip",
    command: (path) => `pip install --user -r ${path}`,
    group: "python",
  },
  { names: /^package-lock\.json$/, tool: "npm", command: () => "npm ci", group: "node" },
  {
    names: /^pnpm-lock\.yaml$/,
    tool: "pnpm",
    command: () => "npx --yes pnpm install --frozen-lockfile",
    group: "node",
  },
  { names: /^yarn\.lock$/, tool: "yarn", command: () => "npx --yes yarn install --frozen-lockfile", group: "node" },
  {
    names: /^renv\.lock$/,
    tool: "renv",
    command: () => `Rscript -e "install.packages('renv'); renv::restore(prompt = FALSE)"`,
    image: "ghcr.io/rocker-org/devcontainer/r-ver:4",
    group: "r",
  },
  { names: /^Manifest\.toml$/, tool: "Julia", group: "julia" },
  { names: /^Cargo\.lock$/, tool: "cargo", image: `${images}/rust:1`, group: "rust" },
  { names: /^go\.sum$/, tool: "go", image: `${images}/go:1`, group: "go" },
  {
    names: /^Gemfile\.lock$/,
    tool: "bundler",
    command: () => "bundle install",
    image: `${images}/ruby:3`,
    group: "ruby",
  },
];

/** A lock of the folder's top. */
export interface FoundLock {
  readonly path: string;
  readonly tool: string;
  readonly group: string;
  readonly command: string | undefined;
  readonly image: string | undefined;
}

/** The locks of a folder's top, the more exact first. */
export function locksIn(paths: readonly string[]): FoundLock[] {
  return kinds.flatMap(({ names, tool, group, command, image }) =>
    paths.filter((path) => names.test(path)).map((path) => ({ path, tool, group, command: command?.(path), image })),
  );
}

/** The image of a generated devcontainer.json. @param python version of the interpreter */
export function imageFor(locks: readonly FoundLock[], python: string | undefined): string {
  const own = locks.find(({ image }) => image !== undefined)?.image;
  if (own !== undefined) return own;
  const [, major = "3", minor] = /^(3)\.(\d+)/.exec(python ?? "") ?? [];
  if (minor !== undefined && Number(minor) >= 8) return `${images}/python:${major}.${minor}`;
  if (locks.some(({ group }) => group === "python")) return `${images}/python:3`;
  return locks.some(({ group }) => group === "node") ? `${images}/javascript-node:22` : `${images}/base:debian`;
}
