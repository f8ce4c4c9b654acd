import { join } from "node:path";
import { homeFolder } from "../system/home-folder.ts";

/** Where a value came from; later ones win. */
export type Source = "default" | "administrator's file" | "user's file" | "environment" | "flag";

/** One parsed value with its origin, such as `WAIIDE_PORT` or `/etc/waiide/config.json`. */
export interface SourcedValue {
  readonly value: unknown;
  readonly source: Source;
  readonly origin: string;
}

/** Values by the names of their settings. */
export type SourcedSettings = ReadonlyMap<string, SourcedValue>;

/** Everything outside the process that settings are read from. */
export interface ConfigInputs {
  readonly environment: NodeJS.ProcessEnv;
  /** Flags by the names of their settings, as text, or true and false for switches. */
  readonly flags: ReadonlyMap<string, string | boolean>;
  readonly administratorFile: string;
  readonly userFile: string;
  /** Logged at start: warnings about the command line. */
  readonly warnings?: readonly string[];
  /** For commands that only read: the hub's variables may be incomplete. */
  readonly tolerant?: boolean;
}

/** The inputs of this process. */
export function defaultInputs(flags: ConfigInputs["flags"], warnings: readonly string[] = []): ConfigInputs {
  const configHome = process.env.XDG_CONFIG_HOME || join(homeFolder(), ".config");
  return {
    environment: process.env,
    flags,
    administratorFile: "/etc/waiide/config.json",
    userFile: join(configHome, "waiide", "config.json"),
    warnings,
  };
}
