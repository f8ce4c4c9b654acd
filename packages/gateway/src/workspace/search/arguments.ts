import type { Params } from "@waiide/protocol";

/**
 * As VS Code searches: what .gitignore and .ignore name in the folder itself is left out, dot-files are not. Nothing above
 * the folder is read for that.
 */
const walking = ["--hidden", "--no-require-git", "--no-ignore-parent", "--no-ignore-global"];

/** Names that every program reads in the same way; other patterns are applied to what was found only. */
const plainGlob = /^[\w.*/-]+$/;

/** As ripgrep reads it as itself. */
export function literalGlob(path: string): string {
  return path.replace(/[*?[\]{}!\\]/g, "\\$&");
}

/** What to look for; ends with the pattern. */
export function patternArguments(params: Params<"search">): string[] {
  return [
    "--json",
    "--crlf",
    "--encoding=none",
    params.regexp ? "--no-fixed-strings" : "--fixed-strings",
    params.case_sensitive ? "--case-sensitive" : "--ignore-case",
    ...(params.whole_word ? ["--word-regexp"] : []),
    "-e",
    params.pattern,
  ];
}

/**
 * Which files of a folder to search.
 * @param hidden patterns of files that guests do not see: not worth reading; hits there are left out anyway
 * @param places globs of folders that guests do not see for their kind, from the folder on; left out anyway, too
 */
export function folderArguments(
  hidden: readonly string[],
  include: readonly string[] = [],
  exclude: readonly string[] = [],
  places: readonly string[] = [],
): string[] {
  return [
    ...walking,
    ...include.map((glob) => `--glob=${glob}`),
    ...exclude.map((glob) => `--glob=!${glob}`),
    ...hidden.filter((glob) => plainGlob.test(glob)).map((glob) => `--iglob=!**/${glob}`),
    ...places.map((place) => `--glob=!/${place}`),
  ];
}
