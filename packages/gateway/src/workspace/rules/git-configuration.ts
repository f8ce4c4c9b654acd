/** One line of a git configuration. */
export interface GitSetting {
  /** `section.key` or `section.subsection.key`; section and key in small letters. */
  readonly name: string;
  readonly value: string;
}

/**
 * Reads a git configuration (git-config(1), “Syntax”). It is lenient with what git would refuse: a path too many is only
 * protected, one too few could be run.
 */
export function parseGitConfiguration(text: string): GitSetting[] {
  const settings: GitSetting[] = [];
  let section = "";
  for (const line of logicalLines(text)) {
    const header = /^\s*\[\s*([^\s"\]]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]/.exec(line);
    let rest = line;
    if (header !== null) {
      const [whole, name = "", inner] = header;
      section = inner === undefined ? name.toLowerCase() : `${name.toLowerCase()}.${inner.replace(/\\(.)/g, "$1")}`;
      rest = line.slice(whole.length);
    }
    const setting = /^\s*([A-Za-z][\w-]*)\s*(?:=(.*))?$/s.exec(rest);
    if (setting === null || section === "") continue;
    const [, key = "", value = ""] = setting;
    settings.push({ name: `${section}.${key.toLowerCase()}`, value: plainValue(value) });
  }
  return settings;
}

/** A backslash at the end of a line joins it with the next. */
function logicalLines(text: string): string[] {
  return text
    .replace(/^\ufeff/, "")
    .replace(/\\\r?\n/g, "")
    .split(/\r?\n/);
}

/** Without quotes, escapes and comments. */
function plainValue(raw: string): string {
  let value = "";
  let isQuoted = false;
  for (let index = 0; index < raw.length; index += 1) {
    const character = raw[index] ?? "";
    if (character === '"') isQuoted = !isQuoted;
    else if (character === "\\") {
      index += 1;
      const next = raw[index] ?? "";
      value += { n: "\n", t: "\t", b: "" }[next] ?? next;
    } else if (!isQuoted && (character === "#" || character === ";")) break;
    else value += character;
  }
  return value.trim();
}

/** Sections whose values are names, addresses and texts, never places on the disk that git runs or reads. */
const inert =
  /^(user|author|committer|branch|init|color|i18n|url|advice|column|fetch|push|pull|remote\..*\.(url|pushurl|fetch|push|mirror)|submodule\..*\.(url|branch|active))(\.|$)/;

/** Keys whose value is one path. */
const pathKeys =
  /^(core\.(hookspath|attributesfile|excludesfile|fsmonitor|worktree)|include\.path|includeif\..*\.path|.*\.(path|file|program|dir|template))$/;

/** Paths that a setting may name, as written; the caller resolves them. */
export function placesIn({ name, value }: GitSetting): string[] {
  if (inert.test(name) || value === "") return [];
  const words = value
    .replace(/^!/, "")
    .split(/["'\s;|&()<>=`]+/)
    .filter((word) => /[/.]/.test(word) && !word.startsWith("-") && !/^[a-z][a-z0-9+.-]*:\/\//i.test(word));
  return [...new Set(pathKeys.test(name) ? [value, ...words] : words)];
}
