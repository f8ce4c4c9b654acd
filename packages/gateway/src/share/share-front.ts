import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Actor, computeAccess, type ServerMessage, sessionClose } from "@waiide/protocol";
import type { Route } from "../access/routes.ts";
import type { Ports } from "../apps/ports.ts";
import { GatewayError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { breakOff } from "../http/break-off.ts";
import { isRead } from "../http/methods.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Ide } from "../ide/ide.ts";
import { LiveConnection } from "../live/live-connection.ts";
import type { LiveDocuments } from "../live/live-documents.ts";
import type { Destination } from "../proxy/destination.ts";
import type { Tunnel } from "../proxy/tunnel.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { AppPages } from "./apps/app-page.ts";
import type { SessionFiles } from "./apps/session-files.ts";
import { type AuditLog, whoIs } from "./audit/audit-log.ts";
import type { KeptContents } from "./audit/kept-contents.ts";
import type { Comments } from "./comments/comments.ts";
import { SessionComments } from "./comments/session-comments.ts";
import type { CopyFront } from "./copies/copy-front.ts";
import { Backlog } from "./guests/backlog.ts";
import { answerDownload } from "./guests/downloads.ts";
import type { GuestSessions } from "./guests/guest-sessions.ts";
import type { Guests, OpenPart } from "./guests/guests.ts";
import { openingFile } from "./guests/opening-file.ts";
import { Presences } from "./guests/presences.ts";
import { GuestSession, type LivePage, type SessionLimits } from "./guests/session.ts";
import { type SessionAnswersParts, sessionAnswers } from "./guests/session-answers.ts";
import { SessionSockets } from "./guests/session-sockets.ts";
import type { Workspaces } from "./guests/workspaces.ts";
import { guestVisit } from "./live/guest-visit.ts";
import type { GuestWindows } from "./live/guest-windows.ts";
import type { OwnerPresence } from "./live/owner-presence.ts";
import type { OwnerSaves } from "./owner-saves.ts";
import { guestOf, isSameGuest } from "./records/one-guest.ts";
import type { Shares } from "./records/shares.ts";
import type { ShareTable } from "./records/table.ts";
import { personView, sharedView } from "./records/view.ts";
import type { ShareWriter } from "./records/writer.ts";
import type { ShareEvents } from "./share-events.ts";
import type { ShownTerminals } from "./shown-terminals/shown-terminals.ts";
import type { StoredSession, StoredShare } from "./store/stored.ts";
import type { MessageRate } from "./talk/message-rate.ts";
import type { TerminalIdes } from "./terminal/terminal-ides.ts";

export type ShareRoute = Extract<Route, { kind: "share" }>;

export interface ShareFrontParts {
  readonly table: ShareTable;
  readonly shares: Pick<Shares, "keepSelection">;
  readonly writer: Pick<ShareWriter, "write">;
  readonly audit: AuditLog;
  readonly events: ShareEvents;
  readonly guests: Guests;
  readonly guestSessions: GuestSessions;
  readonly workspaces: Workspaces;
  readonly live: LiveDocuments;
  readonly windows: GuestWindows;
  readonly kept: KeptContents;
  readonly answers: Omit<SessionAnswersParts, "read">;
  readonly copies: CopyFront;
  /** The files that guests of a share see. */
  readonly openFiles: (share: StoredShare) => Promise<Workspace>;
  /** Notes guests' writes: their owner may have the file open. */
  readonly ownerSaves: Pick<OwnerSaves, "note">;
  readonly comments: Comments;
  readonly rate: MessageRate;
  readonly terminals: TerminalIdes;
  readonly shownTerminals: Pick<ShownTerminals, "of">;
  readonly ports: Ports;
  readonly appPages: AppPages;
  readonly limits: SessionLimits;
  readonly owner: string;
  readonly ownerPresence: OwnerPresence;
  readonly logger: Logger;
  /** A guest did something that counts as activity (RULES R20). */
  readonly onActivity: () => void;
}

/** A request or upgrade that the gate admitted by a share's cookie. */
export interface GuestRequest {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly route: ShareRoute;
  readonly session: StoredSession;
  /** With its `?`, or empty; without `token` parameters. */
  readonly query: string;
}

/** Pages that one guest has open at once. */
const maxPages = 16;
/** A download that the guest does not read from is cut after this. Milliseconds. */
const maxStallTime = 60_000;
/** Downloads of all guests at once; each holds a file open. */
const maxDownloads = 200;

/** An IDE's page asks for many files at once, at little cost to the gateway. */
const maxTerminalRequests = 256;

/** How the front forwards to a destination, as for the owner. */
export interface Forwarding {
  readonly request: (destination: Destination) => void;
  readonly ide: (ide: Ide, destination: Destination, path: string) => Promise<void>;
}

/** Everything below `share/<id>/` behind the gate: files, the session's socket, and with Terminal Access IDE and ports. */
export class ShareFront {
  readonly #parts: ShareFrontParts;
  readonly #presences: Presences;
  #downloads = 0;
  readonly #backlog = new Backlog();
  readonly #sockets: SessionSockets;

  constructor(parts: ShareFrontParts) {
    this.#parts = parts;
    this.#sockets = new SessionSockets(parts.limits.read);
    this.#presences = new Presences(parts);
    parts.events.on("terminals", (share) => {
      const terminals = parts.shownTerminals.of(share).list();
      this.#presences.send(share, { type: "terminals", terminals });
    });
  }

  async handle(asked: GuestRequest, response: ServerResponse, forwarding: Forwarding): Promise<void> {
    const { session, route, context, query } = asked;
    const { copies } = this.#parts;
    const share = this.#enter(session);
    this.#requireFew(share, session);
    const request: OpenPart = { end: () => breakOff(response) };
    response.once("close", this.#parts.guests.asked(session.id, request));
    switch (route.part) {
      case "session":
      case "live":
        throw new GatewayError("UPGRADE_REFUSED");
      case "files":
        return this.#download(asked, response, share);
      case "copy":
        return copies.answer(share, { ...asked, path: route.path }, response);
      case "repository":
        return copies.answerGit(share, { ...asked, path: route.path }, response);
      case "ide": {
        const ide = this.#ide(share, session);
        return forwarding.ide(ide, ide.destination(ideRoute(route), context, query), route.path);
      }
      default:
        this.#requireIde(share, session);
        return forwarding.request(this.#port(asked));
    }
  }

  /** @param splice connects browser and backend, as for the owner; `onTunnel` gets what can be closed */
  upgrade(
    asked: GuestRequest,
    socket: Duplex,
    head: Buffer,
    splice: (destination: Destination, onTunnel: (tunnel: Tunnel) => void) => void,
  ): void | Promise<void> {
    const { session, route, context, query } = asked;
    const share = this.#enter(session);
    this.#parts.guestSessions.requirePlace(share, session);
    this.#requireFewPages(share, session);
    if (route.part === "session") return this.#openSession(asked, socket, head, share);
    if (route.part === "live") return this.#openWindow(asked, socket, head, share);
    if (["files", "copy", "repository"].includes(route.part)) throw new GatewayError("UPGRADE_REFUSED");
    const onTunnel = (tunnel: Tunnel) => {
      const part: OpenPart = { end: (reason) => tunnel.close(sessionClose[reason], reason) };
      socket.once("close", this.#parts.guests.opened(session.id, part));
    };
    if (route.part === "ide") {
      const ide = this.#ide(share, session);
      ide.requireReady();
      splice(ide.destination(ideRoute(route), context, query), onTunnel);
    } else {
      this.#requireIde(share, session);
      splice(this.#port(asked), onTunnel);
    }
  }

  close(): void {
    this.#presences.close();
    this.#sockets.close();
  }

  /** The share of a session, now. @throws GatewayError SHARE_LOGIN once it has ended */
  #enter(session: StoredSession): StoredShare {
    const share = this.#parts.table.shareFor(session);
    if (share === undefined) throw new GatewayError("SHARE_LOGIN");
    return share;
  }

  /** RULES R14: how many requests of a guest may be under way, not counting their session's. */
  #requireFew({ level }: StoredShare, { id }: StoredSession): void {
    const max = level === "terminal" ? maxTerminalRequests : this.#parts.limits.requests;
    if (this.#parts.guests.requestsOf(id) >= max) throw new GatewayError("SHARE_BUSY", { most: max });
  }

  /** One guest takes one place, with as many pages as people open. */
  #requireFewPages({ id, level }: StoredShare, session: StoredSession): void {
    const { table, guests } = this.#parts;
    const max = level === "terminal" ? maxTerminalRequests : maxPages;
    const own = table.sessionsOf(id).filter((one) => isSameGuest(one, session));
    const pages = own.reduce((sum, one) => sum + guests.pagesOf(one.id), 0);
    if (pages >= max) throw new GatewayError("SHARE_BUSY", { most: max });
  }

  #actor(session: StoredSession): Actor {
    return this.#parts.table.actor(session.id);
  }

  #requireIde(share: StoredShare, session: StoredSession): void {
    const answer = computeAccess({ actor: this.#actor(session), operation: "ide" });
    if (answer.allowed) return;
    this.#parts.audit.refused(share.id, `the IDE (${answer.why})`);
    throw new GatewayError("SHARE_LEVEL");
  }

  #ide(share: StoredShare, session: StoredSession): Ide {
    this.#requireIde(share, session);
    const { scope, id, root } = share;
    const opens = "path" in scope ? scope.path : scope.kind === "workspace" ? scope.opens : undefined;
    return this.#parts.terminals.ide({ id, root, opens });
  }

  #port({ route, context, query }: GuestRequest): Destination {
    const baseUrl = `${context.baseUrl}share/${route.share}/`;
    const kind = route.part === "absproxy" ? "absproxy" : "proxy";
    const fullPath = context.path.slice(`/share/${route.share}`.length);
    return this.#parts.ports.resolve({ authority: route.authority, rest: route.path, query, kind, baseUrl, fullPath });
  }

  async #download({ request, route, session }: GuestRequest, response: ServerResponse, share: StoredShare) {
    if (!isRead(request, response)) return;
    if (this.#downloads >= maxDownloads) throw new GatewayError("SHARE_BUSY", { most: maxDownloads });
    this.#downloads += 1;
    response.setTimeout(maxStallTime, () => response.destroy());
    try {
      const files = await this.#files(share, session, () => undefined);
      await answerDownload(request, response, files.workspace, route.path).finally(() => files.workspace.close());
    } finally {
      this.#downloads -= 1;
      response.setTimeout(0);
    }
  }

  async #openSession({ request, session }: GuestRequest, socket: Duplex, head: Buffer, share: StoredShare) {
    const { guests, limits, logger, onActivity } = this.#parts;
    let opened: GuestSession | undefined;
    const shown = await this.#shownTo(share, session, (message) => opened?.send(message));
    const { files, begins, recorded } = shown;
    if (socket.destroyed) return files.close();
    try {
      // Others may have opened pages while the folder was being opened.
      this.#parts.guestSessions.requirePlace(share, session);
      this.#requireFewPages(share, session);
    } catch (error) {
      files.close();
      throw error;
    }
    const comments = this.#comments(session, files, (message) => opened?.send(message));
    socket.once("close", () => comments.close());
    // The level of an open session only ever ends it (`changed`).
    const sockets = this.#sockets.of(share.level);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      opened = new GuestSession({
        socket: webSocket,
        you: personView(session, share, null),
        guest: guestOf(session),
        share: () => this.#shared(session),
        begins,
        actor: () => this.#actor(session),
        files,
        presence: this.#presences.of(share.id),
        terminals: this.#parts.shownTerminals.of(share.id),
        answers: sessionAnswers(
          { ...this.#parts.answers, read: limits.read },
          { ...shown, session, comments: comments.answers, share, actor: () => this.#actor(session) },
        ),
        live: (page) => this.#live(page, session, share, files),
        backlog: this.#backlog,
        limits,
        logger,
        onInput: () => {
          if (keepsServer(this.#parts.table.shareFor(session))) onActivity();
        },
        recorded,
      });
      webSocket.once("close", guests.opened(session.id, opened));
      // It may have ended while the folder was being opened.
      if (this.#shared(session) === undefined) opened.end("revoked");
    });
  }

  /** Of a guest's own IDE, which writes in live files as that guest. */
  async #openWindow({ request, session }: GuestRequest, socket: Duplex, head: Buffer, share: StoredShare) {
    this.#requireIde(share, session);
    const { workspace } = await this.#files(share, session, () => undefined);
    const isLive = () => this.#shared(session) !== undefined;
    const actor = () => this.#actor(session);
    const company = { presence: this.#presences.of(share.id), terminals: this.#parts.shownTerminals.of(share.id) };
    await this.#parts.windows.open(request, socket, head, { share, session, workspace, isLive, actor, ...company });
  }

  #comments(session: StoredSession, files: SessionFiles, send: (message: ServerMessage) => void): SessionComments {
    return new SessionComments({ ...this.#parts, session, files, send, actor: () => this.#actor(session) });
  }

  /** What a page begins with: an app, or files. */
  async #shownTo(share: StoredShare, session: StoredSession, send: (message: ServerMessage) => void) {
    if (share.level === "app") {
      const app = this.#parts.appPages.open(share, session, send);
      return { files: app, app, begins: { app: app.welcome }, recorded: () => Promise.resolve(), isHidden: () => true };
    }
    const { workspace, ...rest } = await this.#files(share, session, (changes) => send({ type: "changes", changes }));
    const opens = await openingFile(share, workspace);
    return { files: workspace, app: undefined, begins: opens === undefined ? {} : { opens }, ...rest };
  }

  #live(page: LivePage, session: StoredSession, share: StoredShare, workspace: SessionFiles): LiveConnection {
    const { live, logger } = this.#parts;
    return new LiveConnection({
      ...page,
      documents: live,
      share: share.id,
      keepsLive: true,
      visit: async (path) => guestVisit(await workspace.liveFile(path), session, share),
      logger,
    });
  }

  async #files(
    share: StoredShare,
    session: StoredSession,
    onChanges: Parameters<Awaited<ReturnType<Workspaces["open"]>>["guest"]>[0]["onChanges"],
  ) {
    const { shares, workspaces, kept, ownerSaves, audit, events } = this.#parts;
    const folder = await this.#parts.openFiles(share);
    const selection = workspaces.selectionOf(share, (moved) => shares.keepSelection(share.id, moved));
    let writing: Promise<void> = Promise.resolve();
    const workspace = folder.guest({
      share: share.id,
      session: session.id,
      actor: () => this.#actor(session),
      ...(selection && { selection }),
      onChanges,
      onWrite: (write) => {
        const { path, size, to } = write;
        const what = write.kind === "write" && write.before === null ? "create" : write.kind;
        const details = { path, size, what, ...(to === undefined ? {} : { to }) };
        const entry = audit.entry("write", share.id, whoIs(session), details);
        const noting = kept.note(share.id, write);
        const writer = {
          root: share.root,
          share: share.id,
          session: session.id,
          guest: guestOf(session),
          name: session.hubUser ?? session.name,
        };
        const noted = ownerSaves.note(writer, write);
        const recorded = this.#parts.writer.write([entry]);
        writing = Promise.all([writing, recorded, noting, noted]).then(() => void events.emit("written"));
      },
    });
    const isHidden = (path: string) => folder.isHidden(path, share.scope.show ?? []);
    return { workspace, recorded: () => writing, isHidden };
  }

  #shared(session: StoredSession) {
    const { table, owner } = this.#parts;
    const share = table.shareFor(session);
    return share && sharedView(share, table, owner);
  }
}

/** Whether a guest's input counts as activity (RULES R20). */
function keepsServer(share: StoredShare | undefined): boolean {
  return share?.level === "app" ? share.app?.keepsServer === true : share?.level !== "view";
}

function ideRoute(route: ShareRoute) {
  return { kind: "ide", who: "guest", path: route.path, mount: `/share/${route.share}/ide/` } as const;
}
