import { type SessionCloseReason, sessionClose } from "@waiide/protocol";

/** With these the guest's part in the share is over, or another: the share's page says which. */
const reasons: readonly SessionCloseReason[] = ["login", "expired", "revoked", "removed", "changed"];

/**
 * Leads a Terminal Access guest's IDE to the share's page as soon as the gateway closes one of its sockets for good. The IDE
 * itself would try to come back for a minute without a word. Lies directly below the IDE's mount, runs before the IDE.
 */
export const endingScript = `"use strict";
{
  const codes = new Set(${JSON.stringify(reasons.map((reason) => sessionClose[reason]))});
  const sharePage = new URL("..#over", document.currentScript.src).href;
  window.WebSocket = class extends WebSocket {
    constructor(...parameters) {
      super(...parameters);
      this.addEventListener("close", ({ code }) => {
        if (codes.has(code)) location.replace(sharePage);
      });
    }
  };
}
`;
