export type ContentCoding = "br" | "gzip" | "identity";

/** Our codings, the preferred one first. */
const preference: readonly ContentCoding[] = ["br", "gzip", "identity"];

/**
 * The codings that a browser accepts, best first (RFC 9110 §12.5.3): by its weights, then by size.
 * `identity` is always last or better: we never answer 406.
 */
export function acceptedCodings(header: string | undefined): ContentCoding[] {
  const weights = parseWeights(header ?? "");
  const weightOf = (coding: ContentCoding) => {
    const given = weights.get(coding) ?? (coding === "gzip" ? weights.get("x-gzip") : undefined);
    if (given !== undefined) return given;
    // If it is not named, it is acceptable, but no better than anything that is.
    return coding === "identity" ? (weights.get("*") === 0 ? 0 : Number.MIN_VALUE) : (weights.get("*") ?? 0);
  };
  const accepted = preference.filter((coding) => coding === "identity" || weightOf(coding) > 0);
  return accepted.sort((one, other) => weightOf(other) - weightOf(one));
}

function parseWeights(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const item of header.toLowerCase().split(",")) {
    const [name = "", ...parameters] = item.split(";").map((text) => text.trim());
    if (name === "") continue;
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, "");
    const value = weight === undefined ? 1 : Number(weight);
    weights.set(name, Number.isFinite(value) ? Math.min(Math.max(value, 0), 1) : 0);
  }
  return weights;
}
