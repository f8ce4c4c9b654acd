import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "../base/log.ts";
import type { Config } from "../config/config.ts";
import { TrustedProxies, untrustedProxy } from "../http/forwarded.ts";
import { createHttpServer, readTls, type TlsTexts } from "../http/http-server.ts";
import { PageProofs } from "../http/page-proof.ts";
import type { ChildProcesses } from "../system/child-process.ts";
import { RuntimeFolder } from "../system/runtime-folder.ts";
import type { Lifetime } from "./lifetime.ts";

/** What every part stands on. Each part takes its own settings from `config` and hands them down; nothing below sees all. */
export interface Foundation {
  readonly config: Config;
  readonly logger: Logger;
  readonly lifetime: Lifetime;
  readonly runtimeFolder: RuntimeFolder;
  readonly server: Server;
  readonly tls: TlsTexts | undefined;
  readonly proofs: PageProofs;
  readonly trustedProxies: TrustedProxies;
  /** This program's own script, for what it runs in processes of its own. */
  readonly program: string | undefined;
  /** Starts every program of the gateway. */
  readonly children: ChildProcesses;
}

export type FoundationOptions = Pick<Foundation, "config" | "logger" | "lifetime" | "program" | "children">;

/** @throws GatewayError TLS_UNREADABLE, RUNTIME_FOLDER_UNUSABLE */
export async function layFoundation(options: FoundationOptions): Promise<Foundation> {
  const { config, logger, lifetime } = options;
  const tls = config.tls && (await readTls(config.tls));
  return {
    ...options,
    tls,
    server: createHttpServer(tls && { tls }),
    runtimeFolder: lifetime.keep(await RuntimeFolder.create(process.env)),
    proofs: await PageProofs.open(config.gatewayFolder, logger),
    trustedProxies: new TrustedProxies(config.trustedProxies, config.hub !== undefined, (address) =>
      logger.warn(untrustedProxy(address)),
    ),
  };
}

/** Port of a server that listens. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
