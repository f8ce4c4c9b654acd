import picomatch from "picomatch";

/** Hidden from guests unless the setting says otherwise (RULES R10). */
export const defaultHidden: readonly string[] = [
  ".git",
  ".env*",
  "*.pem",
  "*.key",
  "*.p12",
  "*.pfx",
  "id_*",
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".config/gcloud",
  ".netrc",
  ".pgpass",
  ".pypirc",
  ".npmrc",
  ".git-credentials",
  ".gitconfig",
  ".kaggle",
  ".huggingface",
  ".databrickscfg",
  ".Renviron",
  ".streamlit/secrets.toml",
  ".jupyter",
  ".ipython",
  "*_history",
];

/** Never written by guests unless the setting says otherwise: what programs of the owner run by themselves (RULES R11). */
export const defaultProtected: readonly string[] = [
  ...[".git", ".gitmodules", ".gitattributes", ".gitconfig", ".lfsconfig", ".hg", ".svn"],
  ...[".vscode", ".devcontainer", ".devcontainer.json", ".idea", "*.code-workspace"],
  ...[".husky", ".pre-commit-config.yaml", "lefthook.y{a,}ml", ".lefthook.y{a,}ml"],
  ...[".envrc", ".direnv", ".condarc", ".mambarc", "conda-meta"],
  ...["mise.toml", "mise.*.toml", ".mise", ".mise.toml", ".mise.*.toml", ".tool-versions"],
  ...[".venv", "node_modules", ".local", ".config", ".bin", ".yarnrc*", ".pnp.*", ".pnpmfile.cjs"],
  ...["*.pth", "sitecustomize.py", "usercustomize.py", "conftest.py", "eslint.config.*", ".eslintrc*"],
  ...[".profile", ".login", ".logout", ".bash*", ".zsh*", ".zlog*", ".zprofile", ".cshrc", ".tcshrc", ".kshrc"],
  ...[".inputrc", ".screenrc", ".tmux.conf", ".Rprofile"],
  ...[".vim", ".vimrc", ".gvimrc", ".nvimrc", ".nvim.lua", ".exrc", ".emacs", ".emacs.d", ".dir-locals*.el", ".nanorc"],
];

/** Files that we write while a guest saves: nobody else's business. */
const temporaryName = /^\.waiide-[0-9a-f]+\.part$/;

export function temporaryFileName(random: string): string {
  return `.waiide-${random}.part`;
}

export interface FileRulesOptions {
  /** Names or globs; one with a slash means several segments in a row, at any depth. */
  readonly hidden: readonly string[];
  readonly protected: readonly string[];
  /** The share's root is a home folder: every dot-entry at its top is protected. */
  readonly isHome: boolean;
}

/** The two lists of RULES R10 and R11, asked about paths relative to the share's root. */
export class FileRules {
  /** The hidden patterns as they were given. */
  readonly hidden: readonly string[];
  readonly #hidden: Names;
  readonly #protected: Names;
  readonly #isHome: boolean;

  constructor(options: FileRulesOptions) {
    this.hidden = options.hidden;
    this.#hidden = new Names(options.hidden);
    this.#protected = new Names(options.protected);
    this.#isHome = options.isHome;
  }

  /** Whether a path, or a folder it lies in, is hidden. */
  isHidden(path: string): boolean {
    const segments = segmentsOf(path);
    return segments.some((name) => temporaryName.test(name)) || this.#hidden.match(segments);
  }

  /** Whether a path, or a folder it lies in, is protected. */
  isProtected(path: string): boolean {
    const segments = segmentsOf(path);
    return (this.#isHome && segments[0]?.startsWith(".") === true) || this.#protected.match(segments);
  }
}

/** Names whose answer is kept. */
const mostKnown = 10_000;

/** A list of names and globs. It is asked about every entry of every folder. */
class Names {
  readonly #literal = new Set<string>();
  /** All globs of one segment in one expression. */
  readonly #glob: RegExp | undefined;
  /** Patterns of several segments, matched against as many segments in a row. */
  readonly #paths: { readonly length: number; readonly expression: RegExp }[] = [];
  readonly #known = new Map<string, boolean>();

  constructor(patterns: readonly string[]) {
    const globs: string[] = [];
    for (const pattern of patterns) {
      const steps = pattern
        .replace(/^(\.?\/)+|\/+$/g, "")
        .split("/")
        .map(fold);
      const folded = steps.join("/");
      if (folded === "") continue;
      if (steps.length > 1) this.#paths.push({ length: steps.length, expression: expressionOf(folded) });
      else if (/[*?[\]{}()!+@|\\]/.test(folded)) globs.push(expressionOf(folded).source);
      else this.#literal.add(folded);
    }
    if (globs.length > 0) this.#glob = new RegExp(globs.join("|"));
  }

  match(segments: readonly string[]): boolean {
    return segments.some((name) => this.#matchName(name)) || this.#paths.some((path) => matchPath(path, segments));
  }

  #matchName(name: string): boolean {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const matches = this.#literal.has(name) || this.#glob?.test(name) === true;
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(name, matches);
    return matches;
  }
}

function matchPath(
  { length, expression }: { length: number; expression: RegExp },
  segments: readonly string[],
): boolean {
  for (let end = length; end <= segments.length; end += 1) {
    if (expression.test(segments.slice(end - length, end).join("/"))) return true;
  }
  return false;
}

function expressionOf(glob: string): RegExp {
  return picomatch.makeRe(glob, { dot: true });
}

function segmentsOf(path: string): string[] {
  return path === "" ? [] : path.split("/").map(fold);
}

/**
 * Names that some file system takes for the same become the same: case (`.GIT`), compatibility forms, characters that
 * are ignored (HFS+), dots and blanks at the end (SMB, NTFS). One name too many is better than one too few.
 */
function fold(name: string): string {
  const lower = /^[!-~]*$/.test(name)
    ? name.toLowerCase()
    : name
        .normalize("NFKD")
        .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
        .toUpperCase()
        .toLowerCase()
        .normalize("NFKC");
  return lower.replace(/[. ]+$/, "") || lower;
}
