import pino, { type Logger } from "pino";
import { LogLines } from "./log-lines.ts";

export type { Logger } from "pino";

export interface LogSettings {
  /** One of pino's levels, or silent. */
  readonly logLevel: string;
  readonly logFormat: "text" | "json";
}

/** Fields whose values never reach a log line, since they can be secrets (RULES R4). */
const secretKeys = ["token", "authorization", "cookie", "secret", "password", "set-cookie", "JUPYTERHUB_API_TOKEN"];

/**
 * Readable lines on a terminal, one JSON object per line otherwise; always on standard error.
 * @param recent gets each line too, for the owner to read in the IDE
 */
export async function createLogger({ logLevel, logFormat }: LogSettings, recent = new LogLines()): Promise<Logger> {
  const level = logLevel as pino.Level;
  const tail = { write: (line: string) => recent.add(line) };
  const options = {
    level,
    base: null,
    redact: { paths: secretKeys.flatMap((key) => [`["${key}"]`, `*["${key}"]`]), censor: "***" },
  };
  // Synchronous: a worker would need files besides the bundle, and lose the last lines before a crash.
  const stream = logFormat === "text" ? await readable() : pino.destination({ dest: 2, sync: true });
  return pino(
    options,
    pino.multistream([
      { level, stream },
      { level, stream: tail },
    ]),
  );
}

async function readable(): Promise<pino.DestinationStream> {
  const { default: pretty } = await import("pino-pretty");
  return pretty({ destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss" });
}
