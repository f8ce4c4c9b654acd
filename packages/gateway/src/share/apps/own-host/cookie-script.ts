/**
 * Runs before the scripts of an app's page on a host of its own. Browsers keep cookies of a frame of another site only with these
 * attributes, which apps do not write; and with Domain they would reach other apps.
 */
const keepCookies = String.raw`() => {
  "use strict";
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  if (cookie === undefined) return;
  const dropped = /;\s*(?:samesite|secure|partitioned|domain)\s*(?:=[^;]*)?(?=;|$)/gi;
  Object.defineProperty(document, "cookie", {
    configurable: true,
    enumerable: true,
    get: () => cookie.get.call(document),
    set: (text) => cookie.set.call(document, String(text).replace(dropped, "") + "; Secure; SameSite=None; Partitioned"),
  });
}`;

/** The element with it. */
export const cookieScript = `<script>(${keepCookies})()</script>`;
