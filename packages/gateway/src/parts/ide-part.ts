import { join } from "node:path";
import type { IdePageHub } from "@waiide/protocol";
import type { AddRoutes } from "../access/route-host.ts";
import type { CopyRecords } from "../copies/records.ts";
import { showsCopy } from "../copies/shows-copy.ts";
import type { RequestContext } from "../http/request-context.ts";
import { OwnExtension, ownExtensionFile } from "../ide/extensions/own-extension.ts";
import { Ide } from "../ide/ide.ts";
import { addIdeRoutes } from "../ide/ide-routes.ts";
import { LastFolder } from "../ide/server/last-folder.ts";
import { OwnCommand } from "../ide/server/own-command.ts";
import type { RestrictedMode } from "../webviews/restricted-mode.ts";
import { WebviewFiles } from "../webviews/webview-files.ts";
import type { Webviews } from "../webviews/webviews.ts";
import type { Foundation } from "./foundation.ts";
import { ideConfig, portVariable } from "./ide-config.ts";

/** The owner's IDE, and the files of its webviews. */
export interface IdePart {
  readonly ide: Ide;
  readonly webviewFiles: WebviewFiles;
  readonly routes: AddRoutes;
  start(): Promise<void>;
}

export interface IdePartOptions {
  /** The hub's pages; undefined without a hub. */
  readonly hub: IdePageHub | undefined;
  readonly webviews: Webviews;
  readonly restricted: RestrictedMode;
  readonly copies: CopyRecords;
  /** The socket on which terminals and the extension reach this gateway. */
  readonly controlSocket: string;
  /** Where links to local ports lead; undefined: below the page's own address. */
  readonly portTemplate: (page: RequestContext) => string | undefined;
}

export function idePart(
  { config, logger, runtimeFolder, program, children }: Foundation,
  { hub, webviews, restricted, copies, controlSocket, portTemplate }: IdePartOptions,
): IdePart {
  const command =
    program === undefined ? undefined : new OwnCommand({ folder: join(config.gatewayFolder, "bin"), program, logger });
  const ide = new Ide({
    config: ideConfig(config),
    children,
    logger,
    runtimeFolder: runtimeFolder.path,
    program,
    extension: new OwnExtension({ file: ownExtensionFile(), dataFolder: config.dataFolder, logger }),
    environment: { WAIIDE_CONTROL_SOCKET: controlSocket, ...command?.environment, ...portVariable(config) },
    hub,
    webviews,
    portTemplate,
    lastFolder: config.openLastFolder
      ? new LastFolder({ file: join(config.gatewayFolder, "last-folder.json"), workspace: config.workspace, logger })
      : undefined,
    signOut: config.authentication.kind === "none" ? undefined : `${config.baseUrl}logout`,
    restriction: async (place) => {
      if (place !== undefined && (await showsCopy(copies, place))) return "copy";
      return restricted.isOn ? "guests" : undefined;
    },
  });
  return {
    ide,
    webviewFiles: new WebviewFiles(webviews, (request, response, path) => ide.sendStatic(request, response, path)),
    routes: (host) => addIdeRoutes(host, ide),
    start: async () => {
      await command?.write();
      ide.start();
    },
  };
}
