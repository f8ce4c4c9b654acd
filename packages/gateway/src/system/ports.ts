import { connect, createServer } from "node:net";
import { hasCode } from "../base/error-code.ts";

/** Both addresses of this machine's loopback, in the order in which they are tried. */
export const loopbackAddresses = ["127.0.0.1", "::1"] as const;

/** A port that was free on both loopback addresses just now. Another program can still be faster. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = await tryListen("127.0.0.1", 0);
    if (port !== undefined && (await isPortFree(port))) return port;
  }
}

/** Whether a program could listen on the port, on both loopback addresses. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const address of loopbackAddresses) {
    if ((await tryListen(address, port)) === undefined) return false;
  }
  return true;
}

/** Whether something accepts connections there. An address that stands for all is tried on the loopback. */
export async function isListening(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, host === "0.0.0.0" || host === "::" ? "localhost" : host);
  socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** @returns the port, or undefined if it is taken */
async function tryListen(host: string, port: number): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const server = createServer();
  server.once("error", (error: Error) => {
    if (hasCode(error, "EADDRINUSE")) resolve(undefined);
    // This machine has no IPv6, or no such address: then nobody can listen there.
    else if (hasCode(error, "EADDRNOTAVAIL", "EAFNOSUPPORT")) resolve(port);
    else reject(error);
  });
  server.listen({ host, port, exclusive: true }, () => {
    const address = server.address();
    const bound = typeof address === "object" && address !== null ? address.port : port;
    server.close(() => resolve(bound));
  });
  return promise;
}
