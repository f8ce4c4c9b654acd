import type { AppWelcome } from "@waiide/protocol";

const open = "#open=";

/** Whether a fragment names a place in the app; every other one is a link's secret. */
export function namesPlace(hash: string): boolean {
  return hash.startsWith(open);
}

/**
 * Where the app's frame begins: at the place that the fragment names, or else where the owner chose. Never outside the app.
 * @param page the address of this page
 */
export function appAddress(
  { address, path }: Pick<AppWelcome, "address" | "path">,
  hash: string,
  page: string,
): string {
  const app = new URL(address, page);
  return (
    placeIn(app, namesPlace(hash) ? hash.slice(open.length) : undefined) ?? placeIn(app, encodeURI(path)) ?? app.href
  );
}

/** @param encoded path and query below the app, percent-encoded */
function placeIn(app: URL, encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  try {
    // With the dot it is a path, whatever stands in front of a colon.
    const place = new URL(`./${decodeURIComponent(encoded).replace(/^[/\\]+/, "")}`, app);
    return place.href.startsWith(app.href) ? place.href : undefined;
  } catch (error) {
    if (error instanceof URIError || error instanceof TypeError) return undefined;
    throw error;
  }
}
