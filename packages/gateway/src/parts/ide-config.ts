import type { Config } from "../config/config.ts";
import type { IdeConfig } from "../ide/ide.ts";

/** The settings of an IDE: the owner's, and those of Terminal Access shares. */
export function ideConfig(config: Config): IdeConfig {
  return {
    workspace: config.workspace,
    locale: config.locale,
    appName: config.appName,
    dataFolder: config.dataFolder,
    telemetry: config.telemetry,
    workspaceTrust: config.workspaceTrust,
    disableFileDownloads: config.disableFileDownloads,
    disableFileUploads: config.disableFileUploads,
    ideListen: config.ideListen,
    extensions: config.extensions,
    aiFeatures: config.aiFeatures,
    defaultSettings: config.defaultSettings,
    ideServer: config.ideServer,
    cacheFolder: config.cacheFolder,
    passHubToken: config.passHubToken,
    extensionGallery: config.extensionGallery,
    waitingPageStatus: config.waitingPageStatus,
  };
}
