import { accessSettings } from "./access.ts";
import { appSettings } from "./apps.ts";
import { folderSettings, webviewSettings } from "./folders.ts";
import { extensionSettings, ideSettings } from "./ide.ts";
import { operationSettings } from "./operation.ts";
import { requestSettings } from "./requests.ts";
import { serverSettings } from "./server.ts";
import { environmentVariable } from "./setting.ts";
import { sharingSettings } from "./sharing.ts";

/** Every setting, in the order of the documentation. A new one is a row of one of these groups, and nothing else. */
export const settings = {
  ...serverSettings,
  ...ideSettings,
  ...accessSettings,
  ...webviewSettings,
  ...folderSettings,
  ...requestSettings,
  ...extensionSettings,
  ...appSettings,
  ...sharingSettings,
  ...operationSettings,
} as const;

/** The table's type. */
export type Settings = typeof settings;

export type SettingName = keyof Settings;

export const settingNames = Object.keys(settings) as SettingName[];

/** The environment variable of a setting. */
export function variableOf(name: SettingName): string {
  return environmentVariable(name, settings[name]);
}
