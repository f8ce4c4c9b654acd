import type { AppWelcome, ServerMessage } from "@waiide/protocol";
import type { AppNames } from "../../access/app-names.ts";
import { GatewayError } from "../../base/errors.ts";
import { FileError } from "../../workspace/file-error.ts";
import { type AuditLog, whoIs } from "../audit/audit-log.ts";
import type { Guests } from "../guests/guests.ts";
import type { AppCondition } from "../records/view.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import { AppWatches } from "./app-watches.ts";
import type { Capability, Traffic } from "./capabilities.ts";
import type { HostVisits } from "./own-host/visits.ts";
import type { SessionFiles } from "./session-files.ts";
import { type SharedApps, titleOf } from "./shared-apps.ts";

export interface AppPagesParts {
  readonly apps: SharedApps;
  readonly guests: Guests;
  readonly audit: AuditLog;
  readonly names: AppNames;
  readonly visits: HostVisits;
  /** The share now; undefined: it has ended. */
  readonly shareOf: (session: StoredSession) => StoredShare | undefined;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
}

/** The pages around shared apps: each gets a capability, and hears when its app stops and comes back. */
export class AppPages {
  readonly #parts: AppPagesParts;
  /** By session: its capabilities that live, and what passed through them. */
  readonly #visits = new Map<string, { open: number } & Traffic>();
  readonly #watches: AppWatches;

  constructor(parts: AppPagesParts) {
    this.#parts = parts;
    this.#watches = new AppWatches(parts.apps);
  }

  /** A guest opened a page. @param send tells the page */
  open(share: StoredShare, session: StoredSession, send: (message: ServerMessage) => void): AppPage {
    const { apps, guests, baseUrl, shareOf, names, visits } = this.#parts;
    const { capability, token } = apps.capabilities.open(session, () => {
      done();
      this.#left(capability);
    });
    // Whatever ends the guest's session ends it at once.
    const done = guests.asked(session.id, capability);
    this.#entered(session);
    const origin = names.originOf(share.id);
    const leaveHost =
      origin === undefined ? undefined : visits.join(session, (traffic) => this.#passed(session, traffic));
    return new AppPage({
      apps,
      origin,
      visits,
      leaveHost,
      watches: this.#watches,
      share,
      session,
      capability,
      shareOf,
      send,
      mount: `${baseUrl}share/${share.id}/app/`,
      token,
    });
  }

  #entered(session: StoredSession): void {
    const visit = this.#visits.get(session.id) ?? { open: 0, sent: 0, received: 0 };
    if (visit.open === 0) this.#parts.audit.note("open-app", session.share, whoIs(session));
    visit.open += 1;
    this.#visits.set(session.id, visit);
  }

  /** On a host of its own; that ends with the last page, or before. */
  #passed({ id }: StoredSession, { sent, received }: Traffic): void {
    const visit = this.#visits.get(id);
    if (visit === undefined) return;
    visit.sent += sent;
    visit.received += received;
  }

  #left({ session, traffic }: Capability): void {
    const visit = this.#visits.get(session.id);
    if (visit === undefined) return;
    visit.open -= 1;
    this.#passed(session, traffic);
    if (visit.open > 0) return;
    this.#visits.delete(session.id);
    const bytes = { bytes_sent: visit.sent, bytes_received: visit.received };
    this.#parts.audit.note("close-app", session.share, whoIs(session), bytes);
  }
}

interface AppPageParts extends Pick<AppPagesParts, "apps" | "shareOf" | "visits"> {
  /** Of the app's own host; undefined: it is sealed. */
  readonly origin: string | undefined;
  /** The page leaves it; undefined: it is sealed. */
  readonly leaveHost: (() => void) | undefined;
  readonly watches: AppWatches;
  readonly share: StoredShare;
  readonly session: StoredSession;
  readonly capability: Capability;
  readonly send: (message: ServerMessage) => void;
  /** Path above the token; ends with `/`. */
  readonly mount: string;
  readonly token: string;
}

/** One page around an app: a session without files. */
export class AppPage implements SessionFiles {
  readonly welcome: AppWelcome;
  readonly #parts: AppPageParts;
  readonly #unwatch: () => void;
  readonly #capabilities: Capability[];
  #told: AppCondition;

  constructor(parts: AppPageParts) {
    const { apps, watches, share, capability, mount, token, origin } = parts;
    this.#parts = parts;
    this.#capabilities = [capability];
    this.#told = apps.conditionOf(share);
    this.welcome = {
      address: `${mount}${token}/`,
      ...(origin === undefined ? {} : { own_address: `${origin}${apps.rootOf(share)}` }),
      title: titleOf(share),
      path: share.app?.path.slice(1) ?? "",
      may_start: share.app?.port === null && share.app.guestsStart,
      ...this.#told,
    };
    this.#unwatch = watches.watch(share.id, { share: () => this.#share, tell: (now) => this.#tell(now) });
  }

  handle(): Promise<never> {
    return Promise.reject(new FileError("DENIED", "an app is shared, and no files"));
  }

  liveFile(): Promise<never> {
    return this.handle();
  }

  goneFile(): never {
    throw new FileError("NOT_FOUND", "an app is shared, and no files");
  }

  close(): void {
    this.#unwatch();
    for (const capability of this.#capabilities) capability.leave();
    this.#parts.leaveHost?.();
  }

  /** For the app's own host. @throws FileError */
  ticket(): string {
    const { visits, origin, session } = this.#parts;
    if (origin === undefined) throw new FileError("DENIED", "this app has no host of its own");
    return visits.ticket(session);
  }

  #tell(now: AppCondition): void {
    if (now.state === this.#told.state && now.reason === this.#told.reason) return;
    this.#told = now;
    this.#parts.send({ type: "app", state: now.state, reason: now.reason });
  }

  get #share(): StoredShare | undefined {
    const { shareOf, session } = this.#parts;
    return shareOf(session);
  }

  /** @throws FileError */
  async start(): Promise<void> {
    const { apps, session } = this.#parts;
    const share = this.#share;
    if (share === undefined) throw new FileError("DENIED", "the share has ended");
    await apps
      .targetOf(share)
      .start(whoIs(session))
      .catch((error: unknown) => {
        throw error instanceof GatewayError ? new FileError("DENIED", error.message, { cause: error }) : error;
      });
    this.#tell(apps.conditionOf(share));
  }

  /**
   * Keeps the address of an earlier page of the same guest: a connection that broke off takes nothing from who uses the app.
   * @throws FileError
   */
  keep(address: string): void {
    const { apps, session, mount } = this.#parts;
    const token = address.startsWith(mount) ? address.slice(mount.length).replace(/\/$/, "") : "";
    const earlier = apps.capabilities.find(session.share, token);
    if (earlier === undefined || earlier.session.id !== session.id || this.#capabilities.includes(earlier)) {
      throw new FileError("NOT_FOUND", "this address of the app is over");
    }
    earlier.take();
    this.#capabilities.push(earlier);
  }
}
