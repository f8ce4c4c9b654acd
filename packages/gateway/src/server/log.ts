import pino, { type Logger } from "pino";
import type { Config } from "../config/config.ts";

export type { Logger } from "pino";

/** Names under which a secret could reach a log line; their values never do (RULES R4). */
const secretKeys = ["token", "authorization", "cookie", "secret", "password", "set-cookie", "JUPYTERHUB_API_TOKEN"];

/** Readable lines on a terminal, one JSON object a line otherwise; always on standard error. */
export async function createLogger(config: Pick<Config, "logLevel" | "logFormat">): Promise<Logger> {
  const options = {
    level: config.logLevel,
    base: null,
    redact: { paths: secretKeys.flatMap((key) => [`["${key}"]`, `*["${key}"]`]), censor: "***" },
  };
  // Synchronous in this process: a worker would need files besides the bundle, and lose the last lines of a crash.
  if (config.logFormat === "text") {
    const { default: pretty } = await import("pino-pretty");
    return pino(options, pretty({ destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss" }));
  }
  return pino(options, pino.destination({ dest: 2, sync: true }));
}
