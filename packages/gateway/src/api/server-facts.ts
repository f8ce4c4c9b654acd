import { readFile } from "node:fs/promises";
import type { ServerFacts } from "@waiide/protocol";
import { version } from "../base/version.ts";
import type { Config } from "../config/config.ts";
import { type Hub, hubAddress } from "../hub/hub.ts";
import type { RestrictedMode } from "../webviews/restricted-mode.ts";
import type { Webviews } from "../webviews/webviews.ts";

/** Of the container that we run in (cgroup v2); the machine's own where we run in none. Bytes. */
const memoryUsed = "/sys/fs/cgroup/memory.current";

export interface FactSources {
  readonly config: Pick<Config, "mode" | "shutdownNoActivityTimeout">;
  readonly hub: Pick<Hub, "settings" | "client"> | undefined;
  /** Where the owner's browser sees us, once that is known. */
  readonly origin: string | undefined;
  readonly webviews: Pick<Webviews, "state">;
  readonly restricted: Pick<RestrictedMode, "isOn">;
  /** Spawners set MEM_LIMIT (bytes) and CPU_LIMIT (spawner.py, `get_env`). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What there is to know about this server. */
export async function serverFacts({
  config,
  hub,
  origin,
  webviews,
  restricted,
  environment,
}: FactSources): Promise<ServerFacts> {
  return {
    version,
    environment: config.mode,
    user: hub?.settings.user ?? null,
    server_name: hub?.settings.serverName ?? "",
    hub: hub === undefined ? null : { version: hub.client.version ?? null, home: homeOf(hub.settings, origin) },
    memory: { used: await numberIn(memoryUsed), limit: positive(environment.MEM_LIMIT) },
    cpu_limit: positive(environment.CPU_LIMIT),
    webviews: webviews.state,
    restricted_mode: restricted.isOn,
    idle_timeout: config.shutdownNoActivityTimeout,
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
    // No cgroup v2, or not ours to read: it is not worth an error.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
