import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CreateShare } from "@waiide/protocol";
import type { Browser } from "playwright-core";
import { expect, type TestContext } from "vitest";
import { launchBrowser } from "../../../../test/support/page/browser.ts";
import { GuestPage } from "./guest-page.ts";
import { PageState } from "./page-state.ts";
import { SharedGateway, type SharedGatewayOptions } from "./shared-gateway.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

export interface ReusedShareOptions extends SharedGatewayOptions {
  /** What every test finds in the folder, and leaves as it is. A README would open by itself, some time after the page. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Default: the whole folder, Full Access. */
  readonly share?: Partial<CreateShare>;
  readonly browserArguments?: readonly string[];
}

/** A shared folder, and guests who look at it. */
interface Share<Guest extends string> {
  readonly browser: Browser;
  readonly workspace: Workspace;
  readonly server: SharedGateway;
  readonly guests: Readonly<Record<Guest, GuestPage>>;
  /** What the pages showed at first. */
  readonly states: readonly PageState[];
}

/**
 * A share and its guests' pages for all tests of a file: a page takes longer to load than most tests. Each test begins with
 * pages as they were at first, or it fails that left something behind. After a failed test the next one gets a new share.
 *
 * The page and the gateway remember files by their names. So a test writes files that no test before it had.
 */
export class ReusedShare<Guest extends string> {
  readonly #guests: readonly Guest[];
  readonly #options: ReusedShareOptions;
  readonly #earlierNames = new Set<string>();
  readonly #names = new Set<string>();
  #browser: Browser | undefined;
  #share: Share<Guest> | undefined;
  #isInUse = false;

  /** @param guests what the test file calls those who have the page open */
  constructor(guests: readonly Guest[], options: ReusedShareOptions = {}) {
    this.#guests = guests;
    this.#options = options;
  }

  /** Before a test. */
  async begin(): Promise<Share<Guest>> {
    this.#browser ??= await launchBrowser(this.#options.browserArguments);
    // The test before this one did not come to its end.
    if (this.#isInUse) await this.#close();
    this.#share ??= await this.#open(this.#browser);
    this.#isInUse = true;
    return this.#share;
  }

  /** After a test. */
  async end({ task }: Pick<TestContext, "task">): Promise<void> {
    if (this.#share === undefined || task.result?.state === "fail") return;
    await this.#restore(this.#share);
    this.#isInUse = false;
  }

  /** After all tests. */
  async close(): Promise<void> {
    await this.#close();
    await this.#browser?.close();
  }

  async #open(browser: Browser): Promise<Share<Guest>> {
    const { files = {}, share } = this.#options;
    const workspace = await makeWorkspace(files);
    const server = await SharedGateway.start(workspace.folder, { permission: "edit", ...share }, this.#options);
    const pages: [Guest, GuestPage][] = [];
    for (const guest of this.#guests) pages.push([guest, await GuestPage.open(browser, server)]);
    const names = new Set(Object.keys(files).map((path) => path.split("/")[0] ?? ""));
    const states: PageState[] = [];
    for (const [, { page }] of pages) states.push(await PageState.of(page, names, pages.length));
    const guests = Object.fromEntries(pages) as Record<Guest, GuestPage>;
    const write: Workspace["write"] = async (path, content) => {
      this.#takeName(path);
      await workspace.write(path, content);
    };
    return { browser, workspace: { ...workspace, write }, server, guests, states };
  }

  async #restore({ workspace, server, guests, states }: Share<Guest>): Promise<void> {
    await server.network.restore(states.length);
    for (const state of states) await state.closeAll();
    await this.#removeFiles(workspace.folder);
    for (const state of states) await state.restored();
    // Test files look at these before: VS Code may complain of files that vanish.
    for (const { errors, outside } of Object.values<GuestPage>(guests)) {
      errors.length = 0;
      outside.length = 0;
    }
    server.network.forget();
    for (const name of this.#names) this.#earlierNames.add(name);
    this.#names.clear();
  }

  /** All but those that every test finds. */
  async #removeFiles(folder: string): Promise<void> {
    const { files = {} } = this.#options;
    const kept = Object.keys(files);
    for (const path of await readdir(folder, { recursive: true })) {
      if (kept.some((each) => each === path || each.startsWith(`${path}/`))) continue;
      this.#takeName(path);
      await rm(join(folder, path), { recursive: true, force: true });
    }
    for (const [path, content] of Object.entries(files)) {
      expect((await readFile(join(folder, path))).equals(Buffer.from(content)), `${path} is as at first`).toBe(true);
    }
  }

  #takeName(path: string): void {
    if (this.#earlierNames.has(path)) throw new Error(`a test before this one had ${path}: use another name`);
    if (Object.hasOwn(this.#options.files ?? {}, path)) throw new Error(`all tests read ${path}: write another file`);
    this.#names.add(path);
  }

  async #close(): Promise<void> {
    const share = this.#share;
    this.#share = undefined;
    this.#isInUse = false;
    this.#earlierNames.clear();
    this.#names.clear();
    if (share === undefined) return;
    for (const guest of Object.values<GuestPage>(share.guests)) await guest.close();
    await share.server.close();
    await share.workspace[Symbol.asyncDispose]();
  }
}
