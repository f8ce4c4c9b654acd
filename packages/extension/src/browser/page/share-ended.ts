import type { SocketListener } from "./sockets.ts";

/**
 * Leads a Terminal Access guest's IDE to the share's page as soon as the gateway closes one of its sockets for good. The IDE
 * itself would try to come back for a minute without a word.
 * @param isLeaving the guest themselves ends it, and is led elsewhere
 */
export function leaveWithShare(
  sharePage: string,
  endCodes: readonly number[],
  isLeaving: () => boolean,
): SocketListener {
  const codes = new Set(endCodes);
  return {
    onClose: (_socket, { code }) => {
      if (codes.has(code) && !isLeaving()) location.replace(sharePage);
    },
  };
}
