import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { Collector, type Figure } from "../figure.ts";
import { progress } from "../progress.ts";
import type { Target } from "../servers/targets.ts";

const connections = 32;
const measuredSeconds = 5;
const warmUpSeconds = 2;

interface Load {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** Sends load to one address for some seconds. @throws Error if any request failed. */
export type LoadGenerator = (url: string, headers: Record<string, string>, seconds: number) => Promise<Load>;

/** Requests a second for 1 KiB with 32 keep-alive connections, and their 99th percentile. */
export async function measureHttp(
  targets: readonly Target[],
  backend: number,
  generate: LoadGenerator,
  rounds: number,
): Promise<Figure[]> {
  const collector = new Collector();
  const addressOf = (target: Target): string => target.origin + target.proxyPath(backend);
  for (const target of targets) await generate(addressOf(target), target.headers, warmUpSeconds);
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      progress(`http, round ${round + 1} of ${rounds}: ${target.name}`);
      const load = await generate(addressOf(target), target.headers, measuredSeconds);
      collector.add("requests", target.name, load.requestsPerSecond);
      collector.add("p99", target.name, load.p99);
    }
  }
  return [
    {
      id: "http.requests",
      title: "proxied requests/s, 1 KiB, 32 connections",
      unit: "/s",
      samples: collector.of("requests"),
    },
    { id: "http.p99", title: "their 99th percentile", unit: "ms", samples: collector.of("p99") },
  ];
}

/** wrk with one thread (Debian package `wrk`). */
export function wrk(): LoadGenerator {
  return async (url, headers, seconds) => {
    const output = await run("wrk", [
      "-t1",
      `-c${connections}`,
      `-d${seconds}s`,
      "--timeout",
      "10s",
      "--latency",
      ...flags(headers),
      url,
    ]);
    const failed = /^ *(Non-2xx or 3xx responses|Socket errors):.*$/m.exec(output)?.[0];
    if (failed !== undefined) throw new Error(`wrk, ${url}: ${failed.trim()}`);
    return {
      requestsPerSecond: Number(capture(output, /^Requests\/sec: +([\d.]+) *$/m)),
      p99: milliseconds(capture(output, /^ +99% +(\S+) *$/m)),
    };
  };
}

/** autocannon (npm), where wrk is missing: slower itself, so that fast proxies look alike. */
export function autocannon(program: string): LoadGenerator {
  return async (url, headers, seconds) => {
    const options = ["-c", String(connections), "-d", String(seconds), "--json", ...flags(headers)];
    const result = JSON.parse(await run(process.execPath, [program, ...options, url])) as {
      readonly requests: { readonly average: number };
      readonly latency: { readonly p99: number };
      readonly non2xx: number;
      readonly errors: number;
    };
    if (result.non2xx + result.errors > 0)
      throw new Error(`autocannon, ${url}: ${result.non2xx} answers not 2xx, ${result.errors} errors`);
    return { requestsPerSecond: result.requests.average, p99: result.latency.p99 };
  };
}

function flags(headers: Record<string, string>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
}

async function run(file: string, args: string[]): Promise<string> {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${errors}`);
  return output;
}

function capture(output: string, pattern: RegExp): string {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`${pattern} is not in:\n${output}`);
  return found;
}

/** `1.23ms`, `456.00us` or `1.02s`, as wrk prints durations. */
function milliseconds(duration: string): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(duration) ?? [];
  if (value === undefined) throw new Error(`wrk printed an unknown duration: ${duration}`);
  return Number(value) * (unit === "s" ? 1000 : unit === "us" ? 0.001 : 1);
}
