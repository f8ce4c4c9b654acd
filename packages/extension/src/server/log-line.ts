/** Pino's numbers (https://getpino.io/#/docs/api?id=loggerlevels-object). */
const levels: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

/** Makes a JSON line of the gateway's log readable; other lines stay as they are. */
export function readableLogLine(line: string): string {
  const entry = parsed(line);
  if (entry === undefined) return line;
  const { level, time, msg, ...more } = entry;
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const details = Object.entries(more).map(([name, value]) => `${name}=${inWords(value)}`);
  return [`[${clock}]`, `[${levels[Number(level)] ?? level}]`, msg, ...details].filter(Boolean).join(" ");
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isEntry = typeof value === "object" && value !== null && "level" in value && "time" in value;
    return isEntry ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function inWords(value: unknown): string {
  if (typeof value === "string") return value;
  // Only the message of an error: its stack would hide everything else.
  if (typeof value === "object" && value !== null && "message" in value) return String(value.message);
  return JSON.stringify(value);
}
