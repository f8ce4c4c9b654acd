/** What the gateway tells its own script in the IDE's page (an attribute of the script's element). */
export interface IdePageSettings {
  /** Names this load of the page. */
  readonly page: string;
  /** Shows that a request comes from this page (RULES R5). */
  readonly proof: string;
  /** Names the life of the IDE server that the page belongs to: after another start it accepts no connection of before. */
  readonly run: string;
  /** Null without a hub, and for guests. */
  readonly hub: IdePageHub | null;
  /** Null for the owner. */
  readonly share: IdePageShare | null;
}

/** How requests of our pages show the page's proof: a header, or a path segment below the mount where there can be none. */
export const pageProof = { header: "x-waiide-page", segment: "~page-" } as const;

/** For a Terminal Access guest. */
export interface IdePageShare {
  /** Address of the share's page, relative to the script. */
  readonly page: string;
  /** Close codes after which the guest's part is over, or another: the share's page says which. */
  readonly endCodes: readonly number[];
}

/** Addresses for the owner's browser. */
export interface IdePageHub {
  readonly home: string;
  /** Starts this server again. */
  readonly start: string;
}

/** `waiide-state`, below the IDE's mount: what a page asks that has lost its connection. */
export interface IdePageState {
  readonly run: string;
  readonly state: "starting" | "ready" | "failed" | "stopped";
}

/** Close codes and reasons with which the gateway ends the IDE's WebSockets before it ends itself (RFC 6455 §7.4.1). */
export const serverEnds = {
  unused: { code: 1001, reason: "nobody used this server" },
  stopped: { code: 1001, reason: "the server was stopped" },
} as const;

/** What a socket is closed with whose login has ended (RULES R1); of the range for applications, RFC 6455 §7.4.2. */
export const loginEnded = { code: 4401, reason: "the login has ended" } as const;

/** Messages between the page's script and the extension that keeps unsaved text, on a BroadcastChannel of the page. */
export type KeeperMessage =
  /** The extension tells whether it has kept all unsaved text, and the names of files whose text it has not. */
  | { readonly kind: "kept"; readonly everything: boolean; readonly without: readonly string[] }
  /** The page asks it to keep everything now, and to answer. */
  | { readonly kind: "keep" };

/** Name of that channel. */
export function keeperChannel(page: string): string {
  return `waiide-keeper-${page}`;
}
