import { GatewayError } from "../base/errors.ts";
import { type ConfigOf, configOf } from "./config-of.ts";
import { Decisions } from "./decisions.ts";
import { type HubSettings, readHubSettings } from "./hub-settings.ts";
import type { ConfigInputs, Source, SourcedSettings } from "./inputs.ts";
import { gatewayFolderOf } from "./settings/folders.ts";
import { decideMode } from "./settings/server.ts";
import type { SettingTable } from "./settings/setting.ts";
import { type Settings, settings } from "./settings/settings.ts";
import { readSources } from "./sources.ts";

/** What the gateway runs with: every setting decided, paths absolute, and what follows from where it runs. */
export type Config = ConfigOf<Settings> & Surroundings;

/** Everything about shares that an administrator decides (RULES R10, R11, R14, R19). */
export type SharingConfig = Config["sharing"];

/** What is known at start besides the settings. */
export interface Surroundings {
  /** Why this mode, for “waiide doctor”. */
  readonly modeReason: string;
  /** What the hub's variables say; undefined without a hub, or where they could not be read. */
  readonly hub: HubSettings | undefined;
  /** Why the hub's variables could not be read; only with `tolerant` inputs. */
  readonly hubError: GatewayError | undefined;
  /** The gateway's own data, in one folder for each server name (RULES R23). */
  readonly gatewayFolder: string;
  /** Logged at start, and shown by “waiide doctor”. */
  readonly warnings: readonly string[];
  /** Every value in force with its source, for “waiide config”. */
  readonly explained: readonly ExplainedSetting[];
}

export interface ExplainedSetting {
  readonly name: string;
  readonly value: unknown;
  readonly source: Source | "decided at start";
  readonly origin: string;
}

/**
 * Reads all sources and decides what they leave open.
 * @param table other settings than the gateway's own, for tests
 * @throws GatewayError with an exit code, naming the setting and its source
 */
export function loadConfig(inputs: ConfigInputs): Config;
export function loadConfig<Table extends SettingTable>(
  inputs: ConfigInputs,
  table: Table,
): ConfigOf<Table> & Surroundings;
export function loadConfig(inputs: ConfigInputs, table: SettingTable = settings): object {
  const sourced = readSources(inputs, table);
  const { mode, modeReason } = decideMode(sourced.get("mode")?.value as "auto", inputs.environment);
  const isBehindHub = mode === "jupyterhub";
  const { hub, hubError } = isBehindHub ? readHub(inputs) : {};
  const decisions = new Decisions(table, sourced, { inputs, isBehindHub, hub });
  const config: object = configOf(table, decisions.value);
  const surroundings: Surroundings = {
    modeReason,
    hub,
    hubError,
    gatewayFolder: gatewayFolderOf(decisions),
    warnings: [...(inputs.warnings ?? []), ...settingWarnings(table, decisions), ...hubWarnings(hub)],
    explained: explain(table, sourced, decisions),
  };
  return { ...config, ...surroundings };
}

/** The hub's token is missing in the IDE's terminal on purpose (RULES R4), and commands must work there. */
function readHub({ environment, tolerant }: ConfigInputs): { hub?: HubSettings; hubError?: GatewayError } {
  try {
    return { hub: readHubSettings(environment) };
  } catch (error) {
    if (tolerant === true && error instanceof GatewayError) return { hubError: error };
    throw error;
  }
}

function settingWarnings(table: SettingTable, decisions: Decisions): string[] {
  return Object.entries(table).flatMap(([name, setting]) => {
    const warning = setting.warn?.(decisions.value(setting), decisions);
    const isUseless = decisions.hub !== undefined && setting.standaloneOnly === true && decisions.isSet(setting);
    return [
      ...(warning === undefined ? [] : [warning]),
      ...(isUseless ? [`--${name} has no effect behind JupyterHub: the hub decides.`] : []),
    ];
  });
}

function hubWarnings(hub: HubSettings | undefined): string[] {
  if (hub === undefined) return [];
  return [
    ...(hub.allowTokenInUrl
      ? ["JUPYTERHUB_ALLOW_TOKEN_IN_URL is on: tokens in addresses end up in histories and proxy logs."]
      : []),
    ...hub.cookieOptions.ignored.map((name) => `The cookie option “${name}” of the hub is not used.`),
  ];
}

function explain(table: SettingTable, sourced: SourcedSettings, { value }: Decisions): ExplainedSetting[] {
  return Object.entries(table).map(([name, setting]) => {
    const decided = value(setting);
    const shown = setting.show === undefined ? decided : setting.show(decided);
    const { source, origin } =
      sourced.get(name) ?? ({ source: "decided at start", origin: "decided at start" } as const);
    return { name, value: setting.secret === true && shown !== undefined ? "***" : shown, source, origin };
  });
}
