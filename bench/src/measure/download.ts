import { get } from "node:http";
import { Collector, type Figure } from "../figure.ts";
import { peakMegabytes, resetPeak, residentMegabytes } from "../memory.ts";
import { progress } from "../progress.ts";
import type { Target } from "../servers/targets.ts";

const totalBytes = 500_000_000;
const limitMilliseconds = 60_000;

interface Download {
  readonly status: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Why it ended early. */
  readonly error: string | undefined;
}

/** 500 MB through each proxy: how fast it is, and how much the proxy's memory grows. */
export async function measureDownload(targets: readonly Target[], backend: number, rounds: number): Promise<Figure[]> {
  const collector = new Collector();
  const remarks: Partial<Record<Target["name"], string>> = {};
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      progress(`download, round ${round + 1} of ${rounds}: ${target.name}`);
      const before = residentMegabytes(target.pid);
      resetPeak(target.pid);
      const result = await download(target, backend);
      if (result.status !== 200 || result.bytes !== totalBytes) {
        remarks[target.name] =
          `fails: status ${result.status} after ${result.bytes} bytes${result.error === undefined ? "" : ` (${result.error})`}`;
        continue;
      }
      collector.add("speed", target.name, totalBytes / 1e6 / result.seconds);
      collector.add("peak", target.name, peakMegabytes(target.pid));
      collector.add("growth", target.name, peakMegabytes(target.pid) - before);
    }
  }
  return [
    { id: "download.speed", title: "500 MB download", unit: "MB/s", samples: collector.of("speed"), remarks },
    {
      id: "download.growth",
      title: "growth of resident memory meanwhile",
      unit: "MB",
      samples: collector.of("growth"),
      remarks,
    },
    {
      id: "download.peak",
      title: "highest resident memory meanwhile",
      unit: "MB",
      samples: collector.of("peak"),
      remarks,
    },
  ];
}

function download(target: Target, backend: number): Promise<Download> {
  const begin = performance.now();
  let [status, bytes] = [0, 0];
  return new Promise((resolve) => {
    const finish = (error?: Error): void => {
      clearTimeout(limit);
      resolve({ status, bytes, seconds: (performance.now() - begin) / 1000, error: error?.message });
    };
    const request = get(
      `${target.origin}${target.proxyPath(backend)}bytes/${totalBytes}`,
      { headers: target.headers, agent: false },
      (response) => {
        status = response.statusCode ?? 0;
        response.on("data", (chunk: Buffer) => {
          if (status === 200) bytes += chunk.length;
        });
        response.on("end", () => finish());
        response.on("error", finish);
      },
    );
    request.on("error", finish);
    const limit = setTimeout(
      () => request.destroy(new Error(`not done after ${limitMilliseconds / 1000} s`)),
      limitMilliseconds,
    );
  });
}
