import type { ChildExit } from "../../system/child-process.ts";
import type { IdeServer } from "../install/ide-server.ts";

/** Where the IDE server listens. */
export type IdeAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** Settings that the command line needs. */
export interface LaunchConfig {
  readonly workspace: string;
  readonly dataFolder: string;
  readonly telemetry: boolean;
  readonly workspaceTrust: boolean;
  readonly disableFileDownloads: boolean;
  readonly disableFileUploads: boolean;
  /** Of the IDE; undefined: what the user chose. */
  readonly locale?: string | undefined;
}

/**
 * What follows the main script on the command line of a server that serves.
 * @param further options of this one server
 */
export function serverArguments(
  server: IdeServer,
  address: IdeAddress,
  config: LaunchConfig,
  further: readonly string[] = [],
): string[] {
  const own = server.distribution.arguments.map((argument) => argument.replaceAll("{workspace}", config.workspace));
  return [
    ...("socketPath" in address
      ? ["--socket-path", address.socketPath]
      : ["--host", address.host, "--port", String(address.port)]),
    "--without-connection-token",
    ...dataArguments(config.dataFolder),
    ...(config.workspaceTrust ? [] : ["--disable-workspace-trust"]),
    ...(config.telemetry ? [] : ["--telemetry-level", "off"]),
    ...(config.locale === undefined ? [] : ["--locale", config.locale]),
    // Options of code-server; other servers say that they do not know them, and start.
    ...(config.disableFileDownloads ? ["--disable-file-downloads"] : []),
    ...(config.disableFileUploads ? ["--disable-file-uploads"] : []),
    ...further,
    ...own,
    ...(own.at(-1) === config.workspace ? [] : [config.workspace]),
  ];
}

/** For a run that only installs one extension, an id or the path of a .vsix. */
export function installArguments(extension: string, dataFolder: string): string[] {
  return ["--install-extension", extension, ...dataArguments(dataFolder)];
}

/** For a run that only installs one extension as a built-in, from its .vsix, in place of any version that is there. */
export function installBuiltinArguments(file: string, dataFolder: string): string[] {
  return ["--install-builtin-extension", file, "--force", ...dataArguments(dataFolder)];
}

/** Of every run of the server. */
export function dataArguments(dataFolder: string): string[] {
  return ["--accept-server-license-terms", "--server-data-dir", dataFolder];
}

/** `ended with exit code 1`, `was ended by SIGKILL`, `could not be started: …`. */
export function endInWords({ code, signal, error }: ChildExit): string {
  if (error) return `could not be started: ${error.message}`;
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
