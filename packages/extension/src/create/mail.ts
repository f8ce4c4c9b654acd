import type { CreatedShare } from "@waiide/protocol";
import { t } from "../text/translation.ts";

/**
 * A `mailto:` URL (RFC 6068) with subject and text, without a recipient. The whole link is encoded, also its `#`, so that it
 * arrives unchanged.
 */
export function mailFor(share: Pick<CreatedShare, "url" | "permission" | "expires_at">, owner: string): string {
  const subject = t("{0} shares a workspace with you", owner);
  const end =
    share.expires_at === null
      ? t("The link works until it is revoked.")
      : t("The link works until {0}.", new Date(share.expires_at).toUTCString());
  const lines = [t("Open this link in a browser ({0}):", share.permission), "", share.url, "", end];
  return `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(lines.join("\r\n"))}`;
}
