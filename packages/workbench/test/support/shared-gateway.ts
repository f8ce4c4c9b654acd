import { dirname, join } from "node:path";
import type { ChangeShare, CreatedShare, CreateShare } from "@waiide/protocol";
import type { BrowserContext } from "playwright-core";
import { expect, vi } from "vitest";
import { patience } from "../../../../test/support/patience.ts";
import { listFolder } from "../../../gateway/src/system/missing-file.ts";
import { GuestClient } from "../../../gateway/test/support/guest-client.ts";
import { LiveGuest } from "../../../gateway/test/support/live-guest.ts";
import { PlainHub } from "../../../gateway/test/support/plain-hub.ts";
import { SharingGateway } from "../../../gateway/test/support/sharing-gateway.ts";
import { FaultyRelay } from "./faulty-relay.ts";

export interface SharedGatewayOptions {
  readonly owner?: string;
  /** The largest file that guests read at once. Bytes. */
  readonly readLimit?: number;
  /** Other limits of the share. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** The gateway's path on its hub. */
const prefix = "/user/alice/waiide/";

/** A real gateway that shares a folder, and the network between it and its guests' pages, which can fail. */
export class SharedGateway {
  readonly network: FaultyRelay;
  readonly #gateway: SharingGateway;
  readonly #share: CreatedShare;
  /** All that was started. */
  readonly #parts: AsyncDisposableStack;
  #guests = 0;

  private constructor(gateway: SharingGateway, share: CreatedShare, network: FaultyRelay, parts: AsyncDisposableStack) {
    this.#gateway = gateway;
    this.#share = share;
    this.network = network;
    this.#parts = parts;
  }

  /**
   * @param root the folder that is shared
   * @param request default: all of it, View Only, for an hour
   */
  static async start(
    root: string,
    request: Partial<CreateShare> = {},
    { owner = "alice", readLimit, limits: others }: SharedGatewayOptions = {},
  ): Promise<SharedGateway> {
    const limits = { free: 0, free_percent: 0, ...others, ...(readLimit !== undefined && { read: readLimit }) };
    await using parts = new AsyncDisposableStack();
    const hub = parts.adopt(await PlainHub.start(owner), (started) => started.close());
    const environment = hub.environmentOf({ user: owner, name: "waiide", prefix });
    const flags = {
      auth: undefined,
      token: undefined,
      port: undefined,
      "share-roots": dirname(root),
      "share-limits": JSON.stringify(limits),
    };
    const gateway = parts.adopt(await SharingGateway.launch({ flags, environment }), (started) => started.stop());
    const share = await gateway.create({ permission: "view", expires_in: 3_600, root, ...request });
    const network = parts.adopt(await FaultyRelay.start(gateway.url), (started) => started.close());
    return new SharedGateway(gateway, share, network, parts.move());
  }

  get id(): string {
    return this.#share.id;
  }

  /** Address of the share's page. */
  get url(): string {
    return `${this.network.origin}${new URL(this.#share.url).pathname}`;
  }

  /** The share's link, with its secret. */
  get link(): string {
    return `${this.url}${new URL(this.#share.url).hash}`;
  }

  /** Lets a browser in by the link, as “Guest 1” and so on. */
  async admit(context: BrowserContext): Promise<void> {
    this.#guests += 1;
    const { cookie = "", path } = await new GuestClient(this.url, this.#share.url).enter(`Guest ${this.#guests}`);
    const [name = "", value = ""] = cookie.split("=");
    const { hostname } = new URL(this.url);
    await context.addCookies([{ name, value, domain: hostname, path, httpOnly: true, sameSite: "Lax" }]);
  }

  /** The owner changes the share. */
  async change(changes: ChangeShare): Promise<void> {
    const { status, body } = await this.#gateway.api(`/api/share/${this.id}`, { method: "PATCH", body: changes });
    if (status !== 200) throw new Error(`not changed: ${status} ${JSON.stringify(body)}`);
  }

  /**
   * Resolves once a file's live text is this one. What another program writes gets there some time later; if a guest's change of
   * the same lines is there before, both are kept in another way.
   */
  async untilLive(path: string, text: string): Promise<void> {
    const reader = await new GuestClient(this.#gateway.url, this.#share.url).enter("Reader");
    const live = await LiveGuest.open(reader, path);
    await live.until((shown) => shown.text === text);
    live.session.close();
  }

  /** Resolves once no file is live: the gateway keeps one for some time after everybody has left. */
  async untilNothingIsLive(): Promise<void> {
    const journals = join(this.#gateway.dataFolder, "live");
    await vi.waitFor(async () => expect(await listFolder(journals)).toEqual([]), patience);
  }

  close(): Promise<void> {
    return this.#parts.disposeAsync();
  }
}
