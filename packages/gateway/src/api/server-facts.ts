import { readFile } from "node:fs/promises";
import type { ServerFacts } from "@waiide/protocol";
import { errorCodeOf } from "../base/error-code.ts";
import { version } from "../base/version.ts";
import { type Hub, hubAddress } from "../hub/hub.ts";
import type { RestrictedMode } from "../webviews/restricted-mode.ts";
import type { Webviews } from "../webviews/webviews.ts";

/** Memory that our container uses (cgroup v2), or the machine where there is no container. Bytes. */
const memoryUsed = "/sys/fs/cgroup/memory.current";

export interface ServerFactsOptions {
  readonly mode: ServerFacts["environment"];
  /** Seconds without a person's activity after which the gateway ends itself; 0: never. */
  readonly idleTimeout: number;
  readonly hub: Pick<Hub, "settings" | "client"> | undefined;
  /** Our origin as the owner's browser sees it; undefined until it is known. */
  readonly origin: string | undefined;
  readonly webviews: Pick<Webviews, "state">;
  readonly restricted: Pick<RestrictedMode, "isOn">;
  /** Spawners set MEM_LIMIT (bytes) and CPU_LIMIT (spawner.py, `get_env`). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Name, hub, limits and version of this server. */
export async function serverFacts({
  mode,
  idleTimeout,
  hub,
  origin,
  webviews,
  restricted,
  environment,
}: ServerFactsOptions): Promise<ServerFacts> {
  return {
    version,
    environment: mode,
    user: hub?.settings.user ?? null,
    server_name: hub?.settings.serverName ?? "",
    hub: hub === undefined ? null : { version: hub.client.version ?? null, home: homeOf(hub.settings, origin) },
    memory: { used: await numberIn(memoryUsed), limit: positive(environment.MEM_LIMIT) },
    cpu_limit: positive(environment.CPU_LIMIT),
    webviews: webviews.state,
    restricted_mode: restricted.isOn,
    idle_timeout: idleTimeout,
  };
}

function homeOf(settings: Hub["settings"], origin: string | undefined): string | null {
  const home = `${hubAddress(settings)}home`;
  if (URL.canParse(home)) return home;
  return origin === undefined ? null : `${origin}${home}`;
}

function positive(text: string | undefined): number | null {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : null;
}

async function numberIn(file: string): Promise<number | null> {
  try {
    return positive((await readFile(file, "utf8")).trim());
  } catch (error) {
    // Without cgroup v2, or without permission, the value is unknown.
    if (errorCodeOf(error) === undefined) throw error;
    return null;
  }
}
