import type { Config } from "../config/config.ts";
import { templateOf } from "../http/names/port-domain.ts";
import type { IdeConfig } from "../ide/ide.ts";
import { bracketed } from "../proxy/backend.ts";

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

/** For programs in terminals, which know no page: as far as the configuration tells where the page is. */
export function portVariable({
  proxyDomain,
  sharing,
  tls,
  tlsSelfSigned,
  hub,
  host,
  port,
}: Pick<Config, "proxyDomain" | "sharing" | "tls" | "tlsSelfSigned" | "hub" | "host" | "port">): Record<
  string,
  string
> {
  if (proxyDomain === undefined) return {};
  const origin =
    sharing.publicOrigin ??
    `${tls || tlsSelfSigned || hub ? "https" : "http"}://${hub ? "" : `${bracketed(host)}:${port}`}`;
  const [scheme = "https", place = ""] = origin.split("://");
  return { VSCODE_PROXY_URI: templateOf(proxyDomain, { scheme: scheme === "http" ? "http" : "https", host: place }) };
}
