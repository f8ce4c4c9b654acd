/** The values of a query's `token` parameters, decoded as programs do, however name and value are percent-encoded. */
export function tokenParameters(query: string): string[] {
  if (!query.includes("=")) return [];
  return query.slice(1).split("&").filter(isToken).map(decodedValue);
}

/**
 * A query (with its `?`, or empty) without those `token` parameters whose value is in a set; the rest stays byte for byte.
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
  // The letters of “token” are the only ones that matter, so a decoder of ASCII alone will do, and never throws.
  const decoded = name.replace(/%([0-7][0-9a-f])/gi, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded === "token";
}

function decodedValue(parameter: string): string {
  return new URLSearchParams(parameter).values().next().value ?? "";
}
