import pino, { type Logger } from "pino";
import { LogLines } from "./log-lines.ts";

export type { Logger } from "pino";

export interface LogSettings {
  /** One of pino's levels, or silent. */
  readonly logLevel: string;
  readonly logFormat: "text" | "json";
}

/** Names under which a secret could reach a log line; their values never do (RULES R4). */
const secretKeys = ["token", "authorization", "cookie", "secret", "password", "set-cookie", "JUPYTERHUB_API_TOKEN"];

/** The last lines, for the owner to read without the place where they are kept. */
export const recentLog = new LogLines();

const tail = { write: (line: string) => recentLog.add(line) };

/** Readable lines on a terminal, one JSON object per line otherwise; always on standard error. */
export async function createLogger(config: LogSettings): Promise<Logger> {
  const options = {
    level: config.logLevel,
    base: null,
    redact: { paths: secretKeys.flatMap((key) => [`["${key}"]`, `*["${key}"]`]), censor: "***" },
  };
  // Synchronous in this process: a worker would need files besides the bundle, and lose the last lines of a crash.
  if (config.logFormat === "text") {
    const { default: pretty } = await import("pino-pretty");
    const readable = pretty({ destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss" });
    return pino(options, bothWays(config.logLevel, readable));
  }
  return pino(options, bothWays(config.logLevel, pino.destination({ dest: 2, sync: true })));
}

function bothWays(level: string, stream: pino.DestinationStream): pino.MultiStreamRes {
  return pino.multistream([
    { level: level as pino.Level, stream },
    { level: level as pino.Level, stream: tail },
  ]);
}
