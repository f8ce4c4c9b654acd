import type { SocketListener } from "./sockets.ts";

/**
 * Takes a Terminal Access guest from the IDE to the share's page when the gateway closes a socket for good. The IDE would try
 * to reconnect for a minute without a message.
 * @param isLeaving whether the guest leaves, which takes them to another page
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
