import { environmentVariable, type SettingTable } from "../../src/config/settings/setting.ts";

/** Lists that have a page of their own. */
const longLists: ReadonlySet<string> = new Set(["share-hidden", "share-protected"]);

/** The rows of docs/reference/settings.md: flag, variable, default, who may set it, meaning. */
export function settingRows(table: SettingTable): string[][] {
  return Object.entries(table).map(([name, setting]) => {
    const fallback = longLists.has(name) ? "[names.md](names.md)" : shown(setting.default);
    const variable = environmentVariable(name, setting);
    return [`\`--${name}\``, `\`${variable}\``, fallback, setting.setBy, setting.description];
  });
}

function shown(value: unknown): string {
  return value === undefined ? "" : `\`${JSON.stringify(value)}\``;
}
