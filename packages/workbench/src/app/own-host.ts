import type { AppWelcome } from "@waiide/protocol";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import { appAddress } from "./app-address.ts";

/** Longer than a browser should need for two small requests. Milliseconds. */
const timeout = 10_000;

/**
 * Lets this browser in at the app's own host: a ticket of the session becomes a cookie there.
 * @returns whether the browser reaches that host and keeps its cookie; where it does not, the app is shown sealed
 */
export async function entersOwnHost(session: Session, address: string): Promise<boolean> {
  const entrance = new URL("/~waiide/enter", address);
  const options = { credentials: "include", cache: "no-store", signal: AbortSignal.timeout(timeout) } as const;
  try {
    const { ticket } = await session.request("enter-app", {});
    const entered = await fetch(entrance, { ...options, method: "POST", body: ticket });
    return entered.ok && (await fetch(entrance, options)).ok;
  } catch (error) {
    if (error instanceof SessionError || error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}

/** Where the frame begins on that host. The page there goes on to the place in its fragment. */
export function ownAddress(app: Pick<AppWelcome, "path">, own: string, hash: string): string {
  const { pathname, search, hash: fragment, origin } = new URL(appAddress({ ...app, address: own }, hash, own));
  return `${origin}/~waiide/open#${encodeURIComponent(pathname + search + fragment)}`;
}
