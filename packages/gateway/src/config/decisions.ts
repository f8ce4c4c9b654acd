import type { HubSettings } from "./hub-settings.ts";
import type { ConfigInputs, SourcedSettings } from "./inputs.ts";
import type { Context, Setting, SettingTable } from "./settings/setting.ts";

/** Decides each setting once, when it is asked for: decisions may depend on those of other settings. */
export class Decisions implements Context {
  readonly inputs: ConfigInputs;
  readonly isBehindHub: boolean;
  readonly hub: HubSettings | undefined;
  readonly #sourced: SourcedSettings;
  readonly #names: ReadonlyMap<unknown, string>;
  readonly #values = new Map<unknown, unknown>();

  constructor(
    table: SettingTable,
    sourced: SourcedSettings,
    { inputs, isBehindHub, hub }: Pick<Context, "inputs" | "isBehindHub" | "hub">,
  ) {
    this.#names = new Map(Object.entries(table).map(([name, setting]) => [setting, name]));
    this.#sourced = sourced;
    this.inputs = inputs;
    this.isBehindHub = isBehindHub;
    this.hub = hub;
  }

  readonly given: Context["given"] = (setting) => this.#sourcedOf(setting)?.value as never;

  readonly isSet: Context["isSet"] = (setting) => {
    const source = this.#sourcedOf(setting)?.source;
    return source !== undefined && source !== "default";
  };

  readonly value: Context["value"] = (setting) => {
    if (!this.#values.has(setting)) this.#values.set(setting, this.#decide(setting));
    return this.#values.get(setting) as never;
  };

  #decide(setting: Setting): unknown {
    const given = this.given(setting);
    return setting.decide === undefined ? given : setting.decide(given, this);
  }

  #sourcedOf(setting: unknown) {
    return this.#sourced.get(this.#names.get(setting) ?? "");
  }
}
