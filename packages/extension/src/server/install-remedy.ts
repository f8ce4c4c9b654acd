import { t } from "../text/translation.ts";
import { plainText } from "../text/words.ts";

/** What a program says that does not reach another machine. */
const unreachable =
  /ENOTFOUND|ECONN\w+|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|fetch failed|failed to fetch|getaddrinfo|socket hang up|timed? ?out|certificate|XHR/i;

/** The address of the gallery of extensions, from the IDE's environment; undefined: there is none. */
export function galleryFrom(variable: string | undefined): string | undefined {
  if (!variable) return undefined;
  try {
    const { serviceUrl } = JSON.parse(variable) as { serviceUrl?: unknown };
    return typeof serviceUrl === "string" && URL.canParse(serviceUrl) ? new URL(serviceUrl).origin : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What to do where extensions cannot be installed. @param gallery `EXTENSIONS_GALLERY`. @param reasons what failed */
export function installRemedy(gallery: string | undefined, reasons: string): string {
  const address = galleryFrom(gallery);
  const byHand = t(
    "Without it: get the .vsix files on another machine, upload them, and run “waiide extensions install FILE.vsix” in a terminal. An administrator can build them into the image.",
  );
  if (address === undefined) return `${t("An administrator has set no gallery of extensions.")} ${byHand}`;
  const state = unreachable.test(reasons)
    ? t(
        "This server does not reach the gallery {0}. Behind a proxy, HTTPS_PROXY must be set where WAIIDE starts; --extension-gallery names another gallery.",
        plainText(address),
      )
    : t("The gallery is {0}. Check the name and the version there.", plainText(address));
  return `${state} ${byHand}`;
}
