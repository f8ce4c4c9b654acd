import { isIPv4, isIPv6 } from "node:net";

/** Whether a link leads whoever opens it to their own computer: its address is a loopback one. */
export function leadsOnlyHere(link: string): boolean {
  const name = new URL(link).hostname.replace(/^\[|\]$/g, "");
  if (isIPv4(name)) return name.startsWith("127.") || name === "0.0.0.0";
  if (isIPv6(name)) return name === "::1" || name === "::";
  return name === "localhost" || name.endsWith(".localhost");
}
