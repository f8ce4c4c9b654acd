import { GuestClient } from "../../packages/gateway/test/support/guest-client.ts";
import { LiveGuest } from "../../packages/gateway/test/support/live-guest.ts";
import { type RunningGateway, startGateway } from "../support/gateway.ts";
import { createShare } from "../support/sharing.ts";

/** Writers write above its second line, so that a program can change the last lines. */
const initialText = "first\nlast of the writers\nfirst of a program\nsecond\nthird\nlast\n";

/** A guest who writes lines, each with a name of its own, so that a lost or doubled one shows. */
export class LineWriter {
  readonly guest: GuestClient;
  live: LiveGuest;
  readonly #name: string;
  readonly #deleted = new Set<string>();
  #count = 0;

  private constructor(guest: GuestClient, live: LiveGuest, name: string) {
    this.guest = guest;
    this.live = live;
    this.#name = name;
  }

  static async enter(gateway: RunningGateway, link: string, name: string, path: string): Promise<LineWriter> {
    const guest = await new GuestClient(gateway.url, link).enter(name);
    return new LineWriter(guest, await LiveGuest.open(guest, path), name);
  }

  get lines(): string[] {
    const all = Array.from({ length: this.#count }, (_, index) => this.#line(index));
    return all.filter((line) => !this.#deleted.has(line));
  }

  /** Its lines that the gateway has acknowledged. */
  get acknowledged(): string[] {
    const confirmed = new Set(this.live.client.confirmed.toJSON());
    return this.lines.filter((line) => confirmed.has(line));
  }

  /** Writes a line above any other one that is not a program's; now and then deletes one of its own instead. */
  write(): void {
    const { shown } = this.live.client;
    const own = shown.toJSON().findIndex((line) => line.startsWith(`${this.#name} `));
    if (own >= 0 && Math.random() < 0.1) {
      const line = shown.line(own + 1);
      this.#deleted.add(line.text);
      this.live.type(line.from, "", line.to + 1);
      return;
    }
    const end = shown.toJSON().indexOf("last of the writers") + 1;
    const { from } = shown.line(1 + Math.floor(Math.random() * end));
    this.live.type(from, `${this.#line(this.#count)}\n`);
    this.#count += 1;
  }

  /** On a new socket, as a page does when its connection was lost. */
  async comeBack(): Promise<void> {
    this.live = await LiveGuest.reopen(this.live, this.guest);
  }

  #line(index: number): string {
    return `${this.#name} wrote line ${index} 😀`;
  }
}

/** A gateway without an IDE, which starts at once, and a Full Access share of a file. */
export async function startWithFile(path: string): Promise<{ gateway: RunningGateway; link: string }> {
  const settings = {
    "ide-server": "/nonexistent",
    "public-url": "https://share.test",
    "share-limits": JSON.stringify({ sessions: 100 }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const gateway = await startGateway({ files: { [path]: initialText }, arguments: flags });
  const { url: link } = await createShare(gateway, "--permission", "edit");
  return { gateway, link };
}

/** kill −9, with nothing closed or saved. */
export async function kill(gateway: RunningGateway): Promise<void> {
  process.kill(gateway.pid, "SIGKILL");
  await gateway.exited;
}

/** Resolves when nothing that the writers wrote is unacknowledged. */
export async function settled(writers: readonly LineWriter[]): Promise<void> {
  await Promise.all(writers.map(({ live }) => live.acknowledged()));
}

/** Lines that a text has more than once, or not at all. */
export function faultsIn(text: string, lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of text.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.flatMap((line) => (counts.get(line) === 1 ? [] : [`${line}: ${counts.get(line) ?? 0} times`]));
}
