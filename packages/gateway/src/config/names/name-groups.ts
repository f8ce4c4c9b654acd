/** Names that are hidden (RULES R10) or protected (R11) for the same reason. */
export interface NameGroup {
  /** Heading in docs/reference/names.md. */
  readonly title: string;
  /** The end of a sentence that guests read when they are refused. */
  readonly why: string;
  /** Names or globs, at any depth and in any case. One with a slash matches consecutive segments of a path. */
  readonly names: readonly string[];
}

/** Sorts the list in force into groups; names that an administrator added go into “Others”. */
export function groupsOf(groups: readonly NameGroup[], inForce: readonly string[]) {
  const known = groups.map(({ title, why, names }) => ({
    title,
    why,
    names: names.filter((name) => inForce.includes(name)),
  }));
  const usual = new Set(namesOf(groups));
  const others = {
    title: "Others",
    why: "is on this server's list",
    names: inForce.filter((name) => !usual.has(name)),
  };
  return [...known, others].filter(({ names }) => names.length > 0);
}

export function namesOf(groups: readonly NameGroup[]): readonly string[] {
  return [...new Set(groups.flatMap(({ names }) => names))];
}
