import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CreatedShare, CreateShare } from "@waiide/protocol";
import pino from "pino";
import { onTestFinished } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import type { SettingName } from "../../src/config/settings/settings.ts";
import { askRunningGateway, type ControlRequest } from "../../src/control/control-client.ts";
import { readRunningRecord } from "../../src/control/control-server.ts";
import { Gateway } from "../../src/gateway.ts";
import { GuestClient } from "./guest-client.ts";

/** The owner's, of gateways with `--auth token`. */
export const ownerToken = "0123456789abcdef0123456789abcdef";
/** Where links point to; the tests ask the gateway's own address. */
export const publicOrigin = "https://share.test";

export interface SharingOptions {
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Undefined: not the one that the tests usually set. */
  readonly flags?: Partial<Record<SettingName, string | boolean | undefined>>;
  readonly environment?: NodeJS.ProcessEnv;
  /** Follows `administrator.json` in the home while it runs. */
  readonly watched?: boolean;
  /** Given each line of the log, of every level. */
  readonly log?: (line: string) => void;
}

/** A gateway in a home of its own, with a workspace and no IDE server unless `flags` name one. */
export class SharingGateway {
  readonly home: string;
  readonly workspace: string;
  readonly #options: SharingOptions;
  readonly #homeBefore = process.env.HOME;
  gateway!: Gateway;

  private constructor(options: SharingOptions) {
    this.#options = options;
    this.home = realpathSync(mkdtempSync(join(tmpdir(), "waiide-share-")));
    this.workspace = join(this.home, "workspace");
    process.env.HOME = this.home;
    mkdirSync(this.workspace);
    for (const [path, content] of Object.entries(options.files ?? {})) {
      const file = join(this.workspace, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  /** Ends with the test. Until then HOME is the gateway's, as only folders in it may be shared. */
  static async start(options: SharingOptions = {}): Promise<SharingGateway> {
    const started = new SharingGateway(options);
    onTestFinished(() => started.stop());
    await started.restart();
    return started;
  }

  /** As `start`, for hooks: the caller stops it. */
  static async launch(options: SharingOptions = {}): Promise<SharingGateway> {
    const started = new SharingGateway(options);
    await started.restart();
    return started;
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    process.env.HOME = this.#homeBefore;
    rmSync(this.home, { recursive: true, force: true });
  }

  get url(): string {
    return this.gateway.url;
  }

  get dataFolder(): string {
    return join(this.home, "data", "gateway", this.#options.environment?.JUPYTERHUB_SERVER_NAME || "_");
  }

  /** Starts it, or starts it again on the same data. */
  async restart(): Promise<void> {
    if (this.gateway !== undefined) await this.gateway.close();
    const settings = {
      port: "0",
      workspace: this.workspace,
      "data-dir": join(this.home, "data"),
      "ide-server": join(this.home, "no-ide"),
      auth: "token",
      token: ownerToken,
      "public-url": publicOrigin,
      "share-limits": JSON.stringify({ free: 0, free_percent: 0 }),
      ...this.#options.flags,
    };
    const flags = Object.entries(settings).filter(([, value]) => value !== undefined);
    const inputs = {
      environment: this.#options.environment ?? {},
      flags: new Map(flags as [SettingName, string][]),
      administratorFile: join(this.home, "administrator.json"),
      userFile: join(this.home, "none.json"),
    };
    const { watched, log } = this.#options;
    const reload = () => loadConfig(inputs);
    this.gateway = await Gateway.start(
      reload(),
      log === undefined ? pino({ level: "silent" }) : pino({ level: "trace" }, { write: log }),
      watched ? { watched: { file: inputs.administratorFile, reload, interval: 50 } } : {},
    );
  }

  /** Asks the API as the owner, over the control socket. */
  api(path: string, request: ControlRequest = {}) {
    return askRunningGateway(this.dataFolder, path, { timeout: 30_000, ...request });
  }

  async create(request: CreateShare): Promise<CreatedShare> {
    const { status, body } = await this.api("/api/share/create", { method: "POST", body: request });
    if (status !== 201) throw new Error(`not created: ${status} ${JSON.stringify(body)}`);
    return body as CreatedShare;
  }

  guest({ url }: Pick<CreatedShare, "url">): GuestClient {
    return new GuestClient(this.url, url);
  }

  /** A new share with a guest in it. */
  async enter(request: CreateShare, name?: string): Promise<{ share: CreatedShare; guest: GuestClient }> {
    const share = await this.create(request);
    return { share, guest: await this.guest(share).enter(name) };
  }

  /** Listens to the owner's events until the test ends. @returns the data of those of a name, so far */
  async ownerEvents(): Promise<(name: string) => unknown[]> {
    const socketPath = (await readRunningRecord(this.dataFolder))?.socket ?? "";
    const [stream] = (await once(get({ socketPath, path: "/api/share/events" }), "response")) as [IncomingMessage];
    onTestFinished(() => void stream.destroy());
    let told = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
    return (name) =>
      [...told.matchAll(new RegExp(`^event: ${name}\ndata: (.*)\n`, "gm"))].map(([, data = ""]) => JSON.parse(data));
  }
}
