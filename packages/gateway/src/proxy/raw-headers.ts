/** Headers as in Node: name, value, name, value … in the order and spelling in which they were sent. */
export type RawHeaders = readonly string[];

/** The first value of a header. @param name in lower case */
export function headerOf(headers: RawHeaders, name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1];
  }
  return undefined;
}
