import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Machine } from "./results.ts";
import { versions as peerVersions, versionOf } from "./servers/peers.ts";

export function describeMachine(): Machine {
  const system = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  return {
    system,
    kernel: release(),
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1e9),
    loadBefore: loadavg()[0] ?? Number.NaN,
  };
}

export interface VersionSources {
  readonly repository: string;
  readonly ide: string;
  /** Absent where no row needs a browser. */
  readonly chromium: string | undefined;
  /** `wrk` or `autocannon`, with its version. */
  readonly loadGenerator: string;
}

export function describeVersions(sources: VersionSources): Record<string, string> {
  const { waiide, ...others } = describeOwnVersions(sources);
  return {
    ...(waiide !== undefined && { waiide }),
    ...peerVersions,
    ...others,
    "load generator": sources.loadGenerator,
  };
}

/** Without the peers. */
export function describeOwnVersions({
  repository,
  ide,
  chromium,
}: Omit<VersionSources, "loadGenerator">): Record<string, string> {
  const { version } = JSON.parse(readFileSync(join(repository, "packages/gateway/package.json"), "utf8")) as {
    version: string;
  };
  const commit = execFileSync("git", ["describe", "--always", "--dirty"], { cwd: repository, encoding: "utf8" }).trim();
  return {
    waiide: `${version} (${commit})`,
    "VS Code server, the same for all": versionOf(ide),
    "Node, the same for all": process.versions.node,
    ...(chromium !== undefined && { Chromium: chromiumVersion(chromium) }),
  };
}

function chromiumVersion(program: string): string {
  const output = execFileSync(program, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return /[\d.]{5,}/.exec(output)?.[0] ?? output.trim();
}

/** wrk's version, or undefined where it is not installed. */
export function wrkVersion(): string | undefined {
  try {
    // `wrk -v` prints its version and ends with 1.
    execFileSync("wrk", ["-v"], { stdio: ["ignore", "pipe", "pipe"] });
    return "wrk";
  } catch (error) {
    const { code, stdout } = error as { code?: string; stdout?: Buffer };
    if (code === "ENOENT") return undefined;
    return /^wrk \S+/.exec(stdout?.toString() ?? "")?.[0] ?? "wrk";
  }
}
