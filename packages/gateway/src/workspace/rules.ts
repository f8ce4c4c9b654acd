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

/** A list of names and globs. */
class Names {
  readonly #literal = new Set<string>();
  readonly #globs: ((name: string) => boolean)[] = [];
  /** Patterns of several segments, matched against as many segments in a row. */
  readonly #paths: { readonly length: number; readonly matches: (path: string) => boolean }[] = [];

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      const folded = pattern
        .replace(/^(\.?\/)+|\/+$/g, "")
        .split("/")
        .map(fold)
        .join("/");
      if (folded === "") continue;
      if (folded.includes("/")) {
        this.#paths.push({ length: folded.split("/").length, matches: picomatch(folded, { dot: true }) });
      } else if (/[*?[\]{}()!+@|\\]/.test(folded)) {
        this.#globs.push(picomatch(folded, { dot: true }));
      } else {
        this.#literal.add(folded);
      }
    }
  }

  match(segments: readonly string[]): boolean {
    return (
      segments.some((name) => this.#literal.has(name) || this.#globs.some((matches) => matches(name))) ||
      this.#paths.some(({ length, matches }) =>
        segments.some((_, end) => end + 1 >= length && matches(segments.slice(end + 1 - length, end + 1).join("/"))),
      )
    );
  }
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
