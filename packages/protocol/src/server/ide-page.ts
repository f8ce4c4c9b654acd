/** What the gateway tells its own script in the IDE's page (an attribute of the script's element). */
export interface IdePageSettings {
  /** Identifies this load of the page. */
  readonly page: string;
  /** Shows that a request comes from this page (RULES R5). */
  readonly proof: string;
  /** Identifies the run of the IDE server that the page belongs to: a restarted server accepts no earlier connection. */
  readonly run: string;
  /** Null without a hub, and for guests. */
  readonly hub: IdePageHub | null;
  /** Null for the owner. */
  readonly share: IdePageShare | null;
  /** Path that ends the login; null where there is none to end, and for guests. */
  readonly sign_out: string | null;
}

/** How our pages' requests carry the page's proof: a header, or a path segment below the mount where no header is possible. */
export const pageProof = { header: "x-waiide-page", segment: "~page-" } as const;

/** For a Terminal Access guest. */
export interface IdePageShare {
  /** Address of the share's page, relative to the script. */
  readonly page: string;
  /** Close codes after which the share's page explains what has ended. */
  readonly endCodes: readonly number[];
}

/** Addresses for the owner's browser. */
export interface IdePageHub {
  readonly home: string;
  /** Starts this server again. */
  readonly start: string;
}

/** `waiide-state`, below the IDE's mount: asked by a page that has lost its connection. */
export interface IdePageState {
  readonly run: string;
  readonly state: "starting" | "ready" | "failed" | "stopped";
}

/** Close codes and reasons of the IDE's WebSockets when the gateway stops (RFC 6455 §7.4.1). */
export const serverEnds = {
  unused: { code: 1001, reason: "nobody used this server" },
  stopped: { code: 1001, reason: "the server was stopped" },
} as const;

/** Close code of a socket whose login has ended (RULES R1); from the range for applications, RFC 6455 §7.4.2. */
export const loginEnded = { code: 4401, reason: "the login has ended" } as const;

/** Messages between the page's script and the extension that keeps unsaved text, on a BroadcastChannel of the page. */
export type KeeperMessage =
  /** The extension says whether it has kept all unsaved text, and names the files whose text it has not kept. */
  | { readonly kind: "kept"; readonly everything: boolean; readonly without: readonly string[] }
  /** The page asks the extension to keep everything now and to answer. */
  | { readonly kind: "keep" };

/** Messages about signing out, on a channel of the page: the extension asks for it; the page leaves, or has no login to end. */
export type SignOutMessage = { readonly kind: "sign-out" } | { readonly kind: "no-login" };

/** Name of the channel for signing out. */
export function signOutChannel(page: string): string {
  return `waiide-sign-out-${page}`;
}

/** Name of the channel for unsaved text. */
export function keeperChannel(page: string): string {
  return `waiide-keeper-${page}`;
}
