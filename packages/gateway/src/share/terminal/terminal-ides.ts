import { join } from "node:path";
import { GatewayError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Ide, IdeOptions } from "../../ide/ide.ts";
import type { IdeState } from "../../ide/server/process.ts";
import type { ChildProcesses } from "../../system/child-process.ts";
import { listFolder } from "../../system/missing-file.ts";
import type { Webviews } from "../../webviews/webviews.ts";
import {
  defaultTerminalTiming,
  type Ended,
  TerminalIde,
  type TerminalIdeTiming,
  type TerminalShare,
} from "./terminal-ide.ts";

export interface TerminalIdesOptions {
  /** Of the owner's IDE. */
  readonly config: IdeOptions["config"];
  readonly children: ChildProcesses;
  readonly logger: Logger;
  /** A private (0700) folder for sockets. */
  readonly runtimeFolder: string;
  /** The gateway's data folder: `<folder>/terminal/<share id>/` holds that share's server's data. */
  readonly folder: string;
  /** Called whenever processes of a share were killed or may be left, also by `end()`. */
  readonly onKilled: (share: string, killed: number, rest: Omit<Ended, "killed">) => void;
  readonly timing?: Partial<TerminalIdeTiming>;
  readonly webviews?: Webviews | undefined;
}

/** One share's server, for the status. */
export interface TerminalIdeEntry {
  readonly share: string;
  readonly root: string;
  readonly state: IdeState;
}

/** The id becomes a folder's name and a variable's value. */
const shareId = /^[A-Za-z0-9_-]{1,128}$/;

/** The IDE servers of Terminal Access shares, one each (RULES R16). */
export class TerminalIdes {
  readonly #options: TerminalIdesOptions;
  readonly #folder: string;
  readonly #ides = new Map<string, TerminalIde>();
  readonly #ending = new Map<string, Promise<number>>();
  #sockets = 0;
  #sweeping = false;
  #closed = false;

  constructor(options: TerminalIdesOptions) {
    this.#options = options;
    this.#folder = join(options.folder, "terminal");
  }

  /**
   * The IDE of a share, started if needed. Call it for each request and upgrade of a guest: each call counts as use.
   * @throws GatewayError IDE_FAILED while the share or the gateway ends; IDE_STARTING while a former life is ended
   */
  ide(share: TerminalShare): Ide {
    if (this.#closed || this.#ending.has(share.id)) throw new GatewayError("IDE_FAILED", { reason: "it has ended." });
    if (this.#sweeping) throw new GatewayError("IDE_STARTING", { phase: "ending what was left running" });
    let terminal = this.#ides.get(share.id);
    if (terminal === undefined) {
      terminal = this.#create(share);
      this.#ides.set(share.id, terminal);
    }
    return terminal.use();
  }

  /**
   * The share has ended: kills everything inside, whether its server runs or not, and removes its data.
   * @param keepsData guests go on with the same data
   * @returns how many processes were killed
   */
  end(id: string, keepsData = false): Promise<number> {
    const running = this.#ending.get(id);
    if (running !== undefined) return running;
    const ending = this.#end(id, keepsData).finally(() => this.#ending.delete(id));
    this.#ending.set(id, ending);
    return ending;
  }

  /**
   * Kills what an earlier gateway that was killed left running. Call it once, before the first `ide()`, and only in the
   * gateway that holds this folder.
   * @param isLive whether to keep a share's data; all other data is removed. Default: keep all
   * @returns how many processes were killed
   */
  async endLeftovers(isLive: (id: string) => boolean = () => true): Promise<number> {
    this.#sweeping = true;
    try {
      const ids = (await listFolder(this.#folder)).filter((name) => shareId.test(name));
      const counts = await Promise.all(ids.map((id) => this.#ending.get(id) ?? this.#endLeftover(id, isLive(id))));
      return counts.reduce((sum, count) => sum + count, 0);
    } finally {
      this.#sweeping = false;
    }
  }

  /** Servers that were used since the gateway started and have not ended. */
  list(): TerminalIdeEntry[] {
    return [...this.#ides].map(([share, { root, state }]) => ({ share, root, state }));
  }

  /** Ends all servers with everything inside; their data stays, as their shares do. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#ides];
    this.#ides.clear();
    await Promise.all([...this.#ending.values(), ...all.map(([id, terminal]) => this.#kill(id, terminal))]);
  }

  async #end(id: string, keepsData: boolean): Promise<number> {
    const terminal = this.#ides.get(id) ?? this.#create({ id, root: this.#folder });
    this.#ides.delete(id);
    const killed = await this.#kill(id, terminal);
    if (!keepsData) await terminal.removeData();
    return killed;
  }

  async #endLeftover(id: string, isLive: boolean): Promise<number> {
    const terminal = this.#create({ id, root: this.#folder });
    const killed = await this.#kill(id, terminal);
    if (!isLive) await terminal.removeData();
    return killed;
  }

  async #kill(id: string, terminal: TerminalIde): Promise<number> {
    const { killed, ...rest } = await terminal.kill();
    this.#options.logger.info({ share: id, killed, ...rest }, "the IDE server of a share has ended");
    if (killed + rest.left + rest.unjudged > 0) this.#options.onKilled(id, killed, rest);
    return killed;
  }

  #create(share: TerminalShare): TerminalIde {
    if (!shareId.test(share.id)) throw new RangeError(`no share can have the id “${share.id}”`);
    const { config, children, logger, runtimeFolder, timing, webviews } = this.#options;
    return new TerminalIde({
      share,
      config,
      children,
      logger,
      runtimeFolder,
      nextSocketName: () => `t${++this.#sockets}.sock`,
      dataFolder: join(this.#folder, share.id),
      timing: { ...defaultTerminalTiming, ...timing },
      webviews,
    });
  }
}
