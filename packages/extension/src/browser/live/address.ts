/** What the gateway serves this extension below; see `liveFolder` in packages/gateway. */
const folder = /ide\/waiide-live\/?$/;

/** The address of the gateway's socket for windows, which lies beside the folder of this extension. Undefined: served by something else. */
export function socketAddress({ scheme, authority, path }: ExtensionPlace): string | undefined {
  if (!folder.test(path) || !/^https?$/.test(scheme)) return undefined;
  return `${scheme.replace("http", "ws")}://${authority}${path.replace(folder, "api/live")}`;
}

/** Whether this is the IDE of a Terminal Access share, whose page is for its guests. */
export function isGuestPlace({ path }: Pick<ExtensionPlace, "path">): boolean {
  return /\/share\/[^/]+\/~page-[^/]+\/ide\/waiide-live\/?$/.test(path);
}

/** `extensionUri` of the extension. */
export interface ExtensionPlace {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
}
