import { WholeNumber } from "@waiide/protocol";
import { Type } from "typebox";
import { OneOf, setting } from "./setting.ts";

/** Metrics, idle shutdown and logs. */

const metricsPort = setting({
  schema: WholeNumber({ minimum: 1, maximum: 65535 }),
  description: "Also serve Prometheus metrics on this port of --host, without a login.",
  setBy: "administrator",
});

const shutdownNoActivityTimeout = setting({
  schema: WholeNumber({ minimum: 0 }),
  default: 0,
  description:
    "Stop after so many seconds without activity, with a warning a minute (or a tenth of that time) before; 0: never.",
  setBy: "administrator",
});

const workCountsAsActivity = setting({
  schema: Type.Boolean(),
  default: true,
  description: "Count running programs in terminals, tasks, debug sessions and notebook cells as activity.",
  setBy: "administrator",
});

const logLevel = setting({
  schema: OneOf("trace", "debug", "info", "warn", "error"),
  default: "info",
  description: "Lowest severity of logged messages: trace, debug, info, warn or error.",
  setBy: "user",
});

const logFormat = setting({
  schema: OneOf("auto", "text", "json"),
  default: "auto",
  description: "Format of the log: text or json; auto: text on a terminal, else json.",
  setBy: "user",
  decide(given): "text" | "json" {
    if (given !== "auto") return given;
    return process.stderr.isTTY ? "text" : "json";
  },
});

export const operationSettings = {
  "metrics-port": metricsPort,
  "shutdown-no-activity-timeout": shutdownNoActivityTimeout,
  "work-counts-as-activity": workCountsAsActivity,
  "log-level": logLevel,
  "log-format": logFormat,
} as const;
