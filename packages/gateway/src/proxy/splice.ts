import type { Socket } from "node:net";

/** Sees the bytes that pass. */
export interface TrafficListeners {
  /** Sees each chunk of the first socket before it is sent on. */
  readonly fromFirst?: ((chunk: Buffer) => void) | undefined;
  /** Sends each chunk to the first socket, in place of this function. @returns whether more may be sent at once */
  readonly toFirst?: ((chunk: Buffer) => boolean) | undefined;
}

/**
 * Joins two sockets: bytes, back-pressure and half-close pass both ways until both are closed. An error on one destroys the
 * other.
 */
export function splice(first: Socket, second: Socket, { fromFirst, toFirst }: TrafficListeners = {}): void {
  first.setNoDelay(true);
  second.setNoDelay(true);
  const toSecond =
    fromFirst &&
    ((chunk: Buffer) => {
      fromFirst(chunk);
      return second.write(chunk);
    });
  flow(first, second, toSecond);
  flow(second, first, toFirst);
}

function flow(from: Socket, to: Socket, send = (chunk: Buffer) => to.write(chunk)): void {
  from.on("data", (chunk) => {
    if (!send(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  if (from.readableEnded) to.end();
  else from.on("end", () => to.end());
  from.on("error", () => to.destroy());
  from.on("close", () => {
    // After an orderly end the other side may still send; after anything else it is useless.
    if (!from.readableEnded || !from.writableFinished) to.destroy();
  });
  from.resume();
}
