/** The values of a query's `token` parameters, decoded as programs do; name and value may be percent-encoded. */
export function tokenParameters(query: string): string[] {
  if (!query.includes("=")) return [];
  return query.slice(1).split("&").filter(isToken).map(decodedValue);
}

/**
 * Removes the `token` parameters with these values from a query (with its `?`, or empty); the rest stays byte for byte.
 */
export function withoutTokens(query: string, values: ReadonlySet<string>): string {
  if (values.size === 0) return query;
  const parameters = query.slice(1).split("&");
  const kept = parameters.filter((parameter) => !isToken(parameter) || !values.has(decodedValue(parameter)));
  if (kept.length === parameters.length) return query;
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}

function isToken(parameter: string): boolean {
  const end = parameter.indexOf("=");
  if (end === -1) return false;
  const name = parameter.slice(0, end);
  // Only the letters of “token” matter, so decoding ASCII is enough, and never throws.
  const decoded = name.replace(/%([0-7][0-9a-f])/gi, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded === "token";
}

function decodedValue(parameter: string): string {
  return new URLSearchParams(parameter).values().next().value ?? "";
}
