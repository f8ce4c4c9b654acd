import type { Server } from "node:http";
import { join } from "node:path";
import type { Logger } from "../base/log.ts";
import type { Config } from "../config/config.ts";
import { TrustedProxies, untrustedProxy } from "../http/forwarded.ts";
import { AllowedHosts } from "../http/hosts.ts";
import { createHttpServer, readTls, type TlsTexts } from "../http/http-server.ts";
import { SelfSignedCertificate } from "../http/listening/self-signed.ts";
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
  /** With `--tls-self-signed`: what `tls` comes from. */
  readonly certificate: SelfSignedCertificate | undefined;
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
  const certificate = config.tlsSelfSigned ? lifetime.keep(await selfSigned(config, logger)) : undefined;
  const tls = certificate?.texts ?? (config.tls && (await readTls(config.tls)));
  return {
    ...options,
    tls,
    certificate,
    server: createHttpServer(tls && { tls }),
    runtimeFolder: lifetime.keep(await RuntimeFolder.create(process.env)),
    proofs: await PageProofs.open(config.gatewayFolder, logger),
    trustedProxies: new TrustedProxies(config.trustedProxies, hasTrustedPeers(config), (address) =>
      logger.warn(untrustedProxy(address)),
    ),
  };
}

/** The hub's proxy, or whoever may open our socket's file. */
function hasTrustedPeers({ hub, socket }: Pick<Config, "hub" | "socket">): boolean {
  return hub !== undefined || socket !== undefined;
}

function selfSigned(config: Config, logger: Logger): Promise<SelfSignedCertificate> {
  const { host, allowedHosts, proxyDomain, sharing, gatewayFolder } = config;
  const others = [
    ...(sharing.publicOrigin === undefined ? [] : [new URL(sharing.publicOrigin).hostname]),
    ...[proxyDomain, sharing.appDomain].flatMap((named) => (named === undefined ? [] : [`*.${named.pattern.domain}`])),
  ];
  const names = new Set([...new AllowedHosts(host, allowedHosts).names, ...others]);
  for (const any of ["0.0.0.0", "::"]) names.delete(any);
  return SelfSignedCertificate.open({ file: join(gatewayFolder, "tls-self-signed.pem"), names: [...names], logger });
}

/** Port of a server that listens; undefined on a unix socket. */
export function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === "object" ? address?.port : undefined;
}
