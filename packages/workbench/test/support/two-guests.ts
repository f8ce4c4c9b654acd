import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreateShare } from "@waiide/protocol";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { expect, vi } from "vitest";
import { patience } from "../../../../test/support/patience.ts";
import { GuestPage } from "./guest-page.ts";
import { SharedGateway } from "./shared-gateway.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

export interface TwoGuestsOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Default: the whole folder, Full Access. */
  readonly share?: Partial<CreateShare>;
  readonly context?: BrowserContextOptions;
  /** Of the share, in place of the defaults. */
  readonly limits?: Readonly<Record<string, number>>;
}

const poem = { "poem.txt": "one\ntwo\nthree\nfour\nfive\n" };

/** A shared folder, and two guests who look at it. */
export class TwoGuests implements AsyncDisposable {
  readonly workspace: Workspace;
  readonly server: SharedGateway;
  readonly ada: GuestPage;
  readonly ben: GuestPage;

  private constructor(workspace: Workspace, server: SharedGateway, ada: GuestPage, ben: GuestPage) {
    this.workspace = workspace;
    this.server = server;
    this.ada = ada;
    this.ben = ben;
  }

  static async start(browser: Browser, options: TwoGuestsOptions = {}): Promise<TwoGuests> {
    const workspace = await makeWorkspace({ ...poem, ...options.files });
    const server = await SharedGateway.start(workspace.folder, { permission: "edit", ...options.share }, options);
    const ada = await GuestPage.open(browser, server, options.context);
    const ben = await GuestPage.open(browser, server, options.context);
    return new TwoGuests(workspace, server, ada, ben);
  }

  /** Both open a file; resolves when what one types reaches the other at once. */
  async open(name: string, text: string): Promise<void> {
    for (const guest of [this.ada, this.ben]) await guest.openFile(name, text);
    await vi.waitFor(() => expect(this.server.network.livePages(name)).toBe(2), patience);
  }

  saved(name: string): Promise<string> {
    return readFile(join(this.workspace.folder, name), "utf8");
  }

  /** The file, and what both see, become this text. */
  async allSee(name: string, text: string): Promise<void> {
    await vi.waitFor(async () => expect(await this.saved(name)).toBe(text), patience);
    const lines = text.replaceAll("\r\n", "\n");
    for (const guest of [this.ada, this.ben]) {
      await vi.waitFor(async () => expect(await guest.shown()).toBe(lines), patience);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors = [...this.ada.errors, ...this.ben.errors];
    await this.ada.close();
    await this.ben.close();
    await this.server.close();
    await this.workspace[Symbol.asyncDispose]();
    expect(errors).toEqual([]);
  }
}
