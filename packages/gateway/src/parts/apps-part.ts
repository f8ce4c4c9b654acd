import type { RefusedService } from "../apps/address-guard.ts";
import { Apps } from "../apps/apps.ts";
import { packageOptions, readPackages } from "../apps/packages/read-packages.ts";
import { Ports } from "../apps/ports.ts";
import type { Config } from "../config/config.ts";
import { hubEndpoint } from "../config/hub-settings.ts";
import { childEnvironment } from "../ide/server/environment.ts";
import { type Foundation, portOf } from "./foundation.ts";

/** Local ports, and the apps of the configuration. */
export interface AppsPart {
  readonly ports: Ports;
  readonly apps: Apps;
}

/** @throws GatewayError SETTING_INVALID for an app that could never run */
export function appsPart({ config, logger, lifetime, runtimeFolder, server, children }: Foundation): AppsPart {
  const { apps, baseUrl, workspace, proxyHosts, disableProxy: disabled, passHubToken } = config;
  const ports = lifetime.keep(
    new Ports({ ownPort: () => portOf(server), proxyHosts, disabled, refused: refusedServices(config) }),
  );
  return {
    ports,
    apps: new Apps({
      apps,
      baseUrl,
      workspace,
      runtimeFolder: runtimeFolder.path,
      environment: childEnvironment(process.env, passHubToken),
      readPackages: (signal) =>
        readPackages({ ...packageOptions(config), workingFolder: runtimeFolder.path, children, signal }),
      guard: ports.guard,
      children,
      logger,
    }),
  };
}

/** Metrics have no login on their own port and need none through ours; the hub's API trusts all who can reach it (RULES R8). */
function refusedServices({ host, metricsPort, hub }: Pick<Config, "host" | "metricsPort" | "hub">): RefusedService[] {
  const metrics =
    metricsPort === undefined ? [] : [{ host, port: metricsPort, reason: "it is the gateway's own, for metrics" }];
  const { origin, socketPath } = (hub && hubEndpoint(hub.apiUrl)) ?? {};
  // A unix socket is no port.
  if (origin === undefined || socketPath !== undefined) return metrics;
  const { hostname, port, protocol } = new URL(origin);
  const hubPort = Number(port) || (protocol === "https:" ? 443 : 80);
  return [...metrics, { host: hostname.replace(/^\[|\]$/g, ""), port: hubPort, reason: "it is the hub's API" }];
}
