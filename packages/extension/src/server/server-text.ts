import type { ServerFacts } from "@waiide/protocol";
import { t } from "../text/translation.ts";

const gibibyte = 1024 ** 3;

/** Facts about the server, one on each line; unknown ones are left out. */
export function describeServer(facts: ServerFacts): string {
  const { version, hub, user, server_name, memory, cpu_limit, idle_timeout } = facts;
  const lines: (string | undefined)[] = [
    t("WAIIDE: {0}", version),
    hub === null ? t("Hub: none") : t("Hub: JupyterHub {0}", hub.version ?? "?"),
    user === null ? undefined : t("User: {0}", user),
    hub === null ? undefined : t("Server: {0}", server_name === "" ? t("the default one") : server_name),
    memoryLine(memory),
    cpu_limit === null ? undefined : t("CPUs: {0} at most", cpu_limit),
    idle_timeout === 0 ? undefined : t("Stops after {0} minutes without activity", Math.round(idle_timeout / 6) / 10),
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}

function memoryLine({ used, limit }: ServerFacts["memory"]): string | undefined {
  const inGibibytes = (bytes: number) => (bytes / gibibyte).toFixed(1);
  if (limit === null) return used === null ? undefined : t("Memory: {0} GiB used", inGibibytes(used));
  if (used === null) return t("Memory: {0} GiB at most", inGibibytes(limit));
  return t("Memory: {0} of {1} GiB used", inGibibytes(used), inGibibytes(limit));
}
