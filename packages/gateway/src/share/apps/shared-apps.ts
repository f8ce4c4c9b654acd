import { type AppRequest, computeAccess, type StoredApp } from "@waiide/protocol";
import type { Apps } from "../../apps/apps.ts";
import type { Ports } from "../../apps/ports.ts";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { hostnameOf } from "../../http/hosts.ts";
import { Backend } from "../../proxy/backend.ts";
import { loopbackAddresses } from "../../system/ports.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Guests } from "../guests/guests.ts";
import { type CheckedApp, invalid } from "../records/request.ts";
import type { ShareTable } from "../records/table.ts";
import type { AppCondition } from "../records/view.ts";
import type { ShareEvents } from "../share-events.ts";
import type { StoredSession, StoredShare } from "../store/stored.ts";
import { Capabilities } from "./capabilities.ts";
import { GuestJar } from "./jar.ts";
import { type Listener, ListeningPrograms } from "./listening-program.ts";
import { answersLikeCode, isCodeProgram } from "./runs-code.ts";
import { type AppTarget, ConfiguredTarget, PortTarget } from "./target.ts";

export interface SharedAppsParts {
  readonly table: ShareTable;
  readonly events: ShareEvents;
  readonly guests: Guests;
  readonly audit: AuditLog;
  readonly ports: Ports;
  readonly apps: Apps;
  /** Path prefix of the gateway, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Folder of the IDE server. */
  readonly ideServer: string;
  /** Where links point to; undefined: not known yet. */
  readonly origin: () => string | undefined;
  readonly logger: Logger;
}

/** Running apps that are shared: which they are, whether they run, and who may use them (RULES R31). */
export class SharedApps {
  readonly capabilities = new Capabilities();
  readonly #parts: SharedAppsParts;
  readonly #programs = new ListeningPrograms();
  readonly #targets = new Map<string, { readonly app: StoredApp; readonly target: AppTarget }>();
  readonly #jars = new Map<string, GuestJar>();
  /** By share: the program about which its owner was asked last. */
  readonly #asked = new Map<string, string>();

  constructor(parts: SharedAppsParts) {
    this.#parts = parts;
    parts.events.on("ended", ({ id }) => this.#forget(id));
    parts.events.on("change", () => this.#forgetJars());
  }

  /**
   * Checks the app of a request to share it, and looks at what runs there.
   * @param isConfirmed the owner knows that guests may run code in it
   * @throws GatewayError SHARE_INVALID, SHARE_CODE_CONFIRM
   */
  async check(request: AppRequest, isConfirmed: boolean): Promise<CheckedApp> {
    this.#requireSafeOrigin();
    const { path, guests_start = true, keeps_server = false, names = false } = request;
    const options = { guestsStart: guests_start, keepsServer: keeps_server, names };
    const found = "port" in request ? await this.#checkPort(request.port) : await this.#checkName(request.name);
    const { title, startPath, ...app } = found;
    if (app.runsCode && !isConfirmed) throw new GatewayError("SHARE_CODE_CONFIRM");
    return { app: { ...app, ...options, path: path ?? startPath }, title };
  }

  /** The record of a share whose owner says that the program which listens now is meant. @throws GatewayError SHARE_INVALID */
  async rebound({ app }: StoredShare): Promise<StoredApp> {
    const { port = null } = app ?? {};
    if (app === null || port === null) throw invalid("id", "it is not the share of an app on a port");
    const { program, runsCode } = await this.#checkPort(port);
    if (runsCode && !app.runsCode) {
      throw invalid(
        "id",
        "in the program that runs now guests can run code; revoke this share, and share the app anew",
      );
    }
    return { ...app, program };
  }

  /** What the app of a share does now. */
  conditionOf(share: StoredShare): AppCondition {
    return this.targetOf(share).condition();
  }

  targetOf(share: StoredShare): AppTarget {
    const { app, id } = share;
    if (app === null) throw new GatewayError("SHARED_APP_OVER");
    const known = this.#targets.get(id);
    if (known !== undefined && known.app === app) return known.target;
    void known?.target.close();
    const target = this.#makeTarget(share, app);
    this.#targets.set(id, { app, target });
    return target;
  }

  /** Where an app on a host of its own begins: one that expects the path that it was told is below it. */
  rootOf(share: StoredShare): string {
    const { base, keepsBase } = this.targetOf(share);
    return keepsBase ? base : "/";
  }

  /** The cookies that one guest has of the app. */
  jarOf({ id }: StoredSession): GuestJar {
    const jar = this.#jars.get(id) ?? new GuestJar();
    this.#jars.set(id, jar);
    return jar;
  }

  /** Asked anew for each request, since all of it can change. */
  mayUse(session: StoredSession): boolean {
    return computeAccess({ actor: this.#parts.table.actor(session.id), operation: "app" }).allowed;
  }

  async close(): Promise<void> {
    this.capabilities.close();
    const targets = [...this.#targets.values()];
    this.#targets.clear();
    await Promise.all(targets.map(({ target }) => target.close()));
  }

  #makeTarget(share: StoredShare, app: StoredApp): AppTarget {
    const { ports, apps, baseUrl, audit } = this.#parts;
    const { port, name } = app;
    if (port === null) {
      return new ConfiguredTarget({ name: name ?? "", guestsStart: app.guestsStart }, apps, (by) =>
        audit.note("start-app", share.id, by),
      );
    }
    return new PortTarget(
      { ...app, port },
      {
        ports,
        programs: this.#programs,
        title: titleOf(share),
        baseUrl,
        refusal: (listener) => this.#refusalOf(listener),
        onPaused: (program) => this.#ask(share, program),
      },
    );
  }

  async #checkPort(port: number) {
    const { ports, baseUrl } = this.#parts;
    const field = "app";
    try {
      const authority = String(port);
      ports.resolve({ authority, rest: "/", query: "", kind: "proxy", baseUrl, fullPath: `/proxy/${port}/` });
    } catch (error) {
      throw error instanceof GatewayError ? invalid(field, withoutStop(error.message)) : error;
    }
    const listener = this.#programs.on(port);
    const refusal = this.#refusalOf(listener);
    if (refusal !== undefined) throw invalid(field, refusal);
    if (listener.kind === "nobody") throw invalid(field, `nothing listens on port ${port}`);
    if (listener.kind !== "program") throw invalid(field, "its program cannot be told apart from others");
    const { program } = listener;
    const runsCode = isCodeProgram(program) || (await this.#answersLikeCode(port, ["/", `${baseUrl}proxy/${port}/`]));
    return { port, name: null, runsCode, program, title: `port ${port}`, startPath: "/" };
  }

  async #checkName(name: string) {
    const { apps } = this.#parts;
    if (apps.describe(name) === undefined) await apps.complete();
    const app = apps.describe(name);
    if (app === undefined) throw invalid("app", "there is no app of this name in the configuration");
    const { title, startPath, command, port, prefix } = app;
    if (command === undefined && port !== undefined) {
      return { ...(await this.#checkPort(port)), name, title, startPath };
    }
    const [executable = "", ...words] = command ?? [];
    // A configured command may hide what it starts; what runs already can be asked.
    const listens = port !== undefined && this.#programs.on(port).kind === "program";
    const runsCode =
      isCodeProgram({ executable, arguments: [executable, ...words] }) ||
      (listens && (await this.#answersLikeCode(port, ["/", prefix])));
    return { port: null, name, runsCode, program: null, title, startPath };
  }

  async #answersLikeCode(port: number, bases: readonly string[]): Promise<boolean> {
    const { ports, logger } = this.#parts;
    const backend = new Backend(`port ${port}`, { port, lookup: ports.guard.lookup(loopbackAddresses, port) });
    try {
      const answers = await Promise.all(bases.map((base) => answersLikeCode(backend, base, logger)));
      return answers.includes(true);
    } finally {
      await backend.close();
    }
  }

  /** Programs that are never shared, in words. */
  #refusalOf(listener: Listener): string | undefined {
    if (listener.kind === "other-user") return "the program on this port belongs to another user";
    if (listener.kind !== "program") return undefined;
    const { program, pid } = listener;
    if (pid === process.pid) return "it is WAIIDE's own port";
    const words = [program.executable, ...program.arguments];
    return words.some((word) => word.startsWith(this.#parts.ideServer)) ? "it is a port of the IDE" : undefined;
  }

  #ask(share: StoredShare, program: string): void {
    const { events, audit } = this.#parts;
    if (this.#asked.get(share.id) === program) return;
    this.#asked.set(share.id, program);
    audit.note("pause-app", share.id, "gateway");
    events.emit("paused", share, program);
    events.emit("change");
  }

  /** Only where browsers say what they ask for can a page be kept from filling a window. */
  #requireSafeOrigin(): void {
    const origin = this.#parts.origin();
    if (origin === undefined) return;
    const { protocol, host } = new URL(origin);
    const name = hostnameOf(host) ?? host;
    if (protocol === "https:" || isThisMachine(name)) return;
    throw invalid(
      "app",
      `links begin with ${origin}, and over plain HTTP browsers cannot keep an app apart; use HTTPS`,
    );
  }

  #forget(share: string): void {
    void this.#targets.get(share)?.target.close();
    this.#targets.delete(share);
    this.#asked.delete(share);
    this.#forgetJars();
  }

  #forgetJars(): void {
    for (const id of this.#jars.keys()) if (this.#parts.table.session(id) === undefined) this.#jars.delete(id);
  }
}

export function titleOf({ scope }: Pick<StoredShare, "scope">): string {
  return scope.kind === "app" ? scope.name : "";
}

/** @param name of a host */
export function isThisMachine(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || /^127\.|^\[?::1\]?$/.test(name);
}

/** A message as the reason in another one. */
function withoutStop(message: string): string {
  return message.replace(/\.$/, "");
}
