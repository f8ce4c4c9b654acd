import { headerOf, type RawHeaders } from "../../proxy/raw-headers.ts";
import { readableEncodings } from "./texts/texts.ts";

/** Pages that have an origin to be given back; other requests for HTML are a script's. */
export const pageDestinations = new Set(["document", "iframe", "frame", "object", "embed"]);
/** What speaks of the exact bytes, or of a version, of a text that is changed. */
export const byteHeaders =
  /^(?:accept-ranges|content-(?:digest|encoding|length|md5)|digest|etag|last-modified|repr-digest|trailer)$/i;

export function pairsOf(headers: RawHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    pairs.push([headers[index] as string, headers[index + 1] as string]);
  }
  return pairs;
}

export function filtered(headers: RawHeaders, keeps: (name: string) => boolean): string[] {
  return pairsOf(headers).flatMap((pair) => (keeps(pair[0]) ? pair : []));
}

export function isAttachment(headers: RawHeaders): boolean {
  return /^\s*attachment\b/i.test(headerOf(headers, "content-disposition") ?? "");
}

export function privately(cacheControl: string): string {
  const directives = cacheControl.split(",").map((directive) => directive.trim());
  const kept = directives.filter(
    (directive) => directive !== "" && !/^(?:public|private|s-maxage\b.*)$/i.test(directive),
  );
  return ["private", ...kept].join(", ");
}

export function onlyReadable(acceptEncoding: string): string {
  const codings = acceptEncoding.split(",").map((coding) => coding.trim());
  const readable = codings.filter((coding) =>
    readableEncodings.has(coding.split(";", 1)[0]?.trim().toLowerCase() ?? ""),
  );
  return readable.length === 0 ? "identity" : readable.join(", ");
}
