import { createServer } from "node:net";

/** Both addresses of this machine's loopback, in the order they are tried. */
export const loopbackAddresses = ["127.0.0.1", "::1"] as const;

/** A port that was free on both loopback addresses just now. Another program can still be faster. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = await tryListen("127.0.0.1", 0);
    if (port !== undefined && (await isPortFree(port))) return port;
  }
}

/** Whether nobody listens on the port on either loopback address. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const address of loopbackAddresses) {
    if ((await tryListen(address, port)) === undefined) return false;
  }
  return true;
}

/** @returns the port, or undefined if it is taken */
async function tryListen(host: string, port: number): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const server = createServer();
  server.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") resolve(undefined);
    // This machine has no IPv6 (or no such address): then nobody can be there.
    else if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") resolve(port);
    else reject(error);
  });
  server.listen({ host, port, exclusive: true }, () => {
    const address = server.address();
    const bound = typeof address === "object" && address !== null ? address.port : port;
    server.close(() => resolve(bound));
  });
  return promise;
}
