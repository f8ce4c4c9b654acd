import type { Share } from "@waiide/protocol";
import { type Disposable, type Event, type Memento, workspace } from "vscode";
import { t } from "../text/translation.ts";
import { harmless, recipientInWords } from "../text/words.ts";

interface Tunnel {
  readonly remoteAddress: { readonly host: string; readonly port: number };
}

/** The parts of VS Code's proposal `tunnels` that we use; @types/vscode has no proposals. */
export interface Tunnels {
  readonly tunnels: PromiseLike<readonly Tunnel[]>;
  readonly onDidChangeTunnels: Event<void>;
  openTunnel(options: Tunnel & { readonly label?: string }): PromiseLike<unknown>;
}

const storageKey = "labelledPorts";

/**
 * Labels in the Ports view that show who can use a shared port. VS Code keeps labels across reloads, but extensions cannot
 * read them, so we remember which are ours.
 */
export class SharedPorts implements Disposable {
  readonly #memento: Pick<Memento, "get" | "update">;
  readonly #tunnels: Tunnels | undefined;
  readonly #listener: Disposable | undefined;
  #wanted: ReadonlyMap<number, string> = new Map();
  /** Ports that have a label of ours; empty: we do not know which. */
  readonly #given = new Map<number, string>();
  #last: Promise<void> = Promise.resolve();

  constructor(memento: Pick<Memento, "get" | "update">, tunnels = workspace as Partial<Tunnels>) {
    this.#memento = memento;
    for (const port of memento.get<readonly number[]>(storageKey, [])) this.#given.set(port, "");
    try {
      this.#listener = tunnels.onDidChangeTunnels?.(() => this.#label());
      if (this.#listener !== undefined) this.#tunnels = tunnels as Tunnels;
    } catch {
      // “… CANNOT use API proposal”: the IDE has logged it.
    }
  }

  /** The shares that there are now. */
  show(shares: readonly Pick<Share, "app" | "with">[]): void {
    this.#wanted = labelsOf(shares);
    this.#label();
  }

  dispose(): void {
    this.#listener?.dispose();
  }

  /** One after the other: each begins with what the one before has left. */
  #label(): void {
    this.#last = this.#last.then(() => this.#labelAll());
  }

  async #labelAll(): Promise<void> {
    if (this.#tunnels === undefined) return;
    const before = [...this.#given.keys()];
    const tunnels = await this.#tunnels.tunnels;
    const ports = new Set(tunnels.map(({ remoteAddress }) => remoteAddress.port));
    for (const port of before) if (!ports.has(port)) this.#given.set(port, "");
    for (const tunnel of tunnels) await this.#labelOne(this.#tunnels, tunnel);
    const now = [...this.#given.keys()];
    if (now.join() !== before.join()) await this.#memento.update(storageKey, now);
  }

  async #labelOne(tunnels: Tunnels, { remoteAddress }: Tunnel): Promise<void> {
    const { port } = remoteAddress;
    const label = this.#wanted.get(port);
    if (label === this.#given.get(port)) return;
    // One that is open stays as it is, but for its label.
    const options = { remoteAddress, ...(label === undefined ? {} : { label }) };
    const isLabelled = await tunnels.openTunnel(options).then(
      () => true,
      // It was closed just now, and is no longer in the list next time.
      () => false,
    );
    if (!isLabelled) return;
    if (label === undefined) this.#given.delete(port);
    else this.#given.set(port, label);
  }
}

function labelsOf(shares: readonly Pick<Share, "app" | "with">[]): Map<number, string> {
  const people = new Map<number, Set<string>>();
  for (const share of shares) {
    const port = share.app?.port;
    if (port !== undefined) people.set(port, (people.get(port) ?? new Set()).add(harmless(recipientInWords(share))));
  }
  return new Map([...people].map(([port, names]) => [port, t("shared with {0}", [...names].join(", "))]));
}
