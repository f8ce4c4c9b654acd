/** Names that are on a list of RULES R10 or R11 for one reason. */
export interface NameGroup {
  /** For the documentation's tables. */
  readonly title: string;
  /** Why, as the end of a sentence: a guest who is refused reads it. */
  readonly why: string;
  /** Names or globs; one with a slash means several segments in a row. At any depth, whatever their case. */
  readonly names: readonly string[];
}

/** A list in force, by group; what is in none was added by an administrator. */
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
