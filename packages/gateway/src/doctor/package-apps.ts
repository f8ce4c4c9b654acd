import { packageOptions, readPackages } from "../apps/packages/read-packages.ts";
import { type Finding, ok } from "../base/finding.ts";
import type { Config } from "../config/config.ts";
import { ChildProcesses } from "../system/child-process.ts";
import { RuntimeFolder } from "../system/runtime-folder.ts";

/** The apps of packages for jupyter-server-proxy, and what of them is missing here. */
export async function checkPackageApps(config: Config): Promise<Finding[]> {
  const folder = await RuntimeFolder.create(process.env);
  try {
    const options = { ...packageOptions(config), workingFolder: folder.path, children: new ChildProcesses() };
    const servers = await readPackages(options);
    if (servers.length === 0) return [];
    const names = servers.filter(({ settings }) => settings !== undefined).map(({ name }) => name);
    const found = names.length === 0 ? [] : [ok("apps of packages", names.join(", "))];
    return [...found, ...servers.flatMap(({ name, problems }) => problems.map((reason) => problemOf(name, reason)))];
  } finally {
    await folder.close();
  }
}

function problemOf(name: string, reason: string): Finding {
  return {
    check: "apps of packages",
    result: "warning",
    message: `${name}: ${reason}`,
    action: "An app of this name in the setting “apps” replaces it; see docs/apps.md.",
  };
}
