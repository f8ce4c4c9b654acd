import { closest, distance } from "fastest-levenshtein";

/** `: did you mean “port”?`, or a full stop if no candidate is close. */
export function suggest(name: string, candidates: readonly string[]): string {
  const nearest = nearestOf(name, candidates);
  return nearest === undefined ? "." : `: did you mean “${nearest}”?`;
}

/** The closest candidate, if it looks like a typing error. */
export function nearestOf(name: string, candidates: readonly string[]): string | undefined {
  const nearest = closest(name, candidates);
  return nearest && distance(name, nearest) <= Math.max(2, name.length / 3) ? nearest : undefined;
}
