import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../../test/support/page/browser.ts";
import { patience } from "../../../../../test/support/patience.ts";
import { GuestPage } from "../../support/guest-page.ts";
import { SharedGateway } from "../../support/shared-gateway.ts";
import { makeWorkspace, type Workspace } from "../../support/workspace.ts";

let browser: Browser;
let workspace: Workspace;
let server: SharedGateway;
let guest: GuestPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  workspace = await makeWorkspace({
    "src/deep/model.py": "one\n",
    "src/deep/other.py": "other\n",
    "src/a.txt": "a\n",
    "top.txt": "top\n",
  });
  server = await SharedGateway.start(workspace.folder);
  guest = await GuestPage.open(browser, server);
});
afterEach(async () => {
  expect(guest.errors).toEqual([]);
  await guest.close();
  await server.close();
  await workspace[Symbol.asyncDispose]();
});

const pathOf = ({ params }: { readonly params: unknown }) => (params as { path?: string }).path;
const asked = (method: string, path: string) =>
  server.network.asked.some((request) => request.method === method && pathOf(request) === path);

async function openDeep(): Promise<void> {
  await guest.row("src").click();
  await guest.row("deep").click();
  await guest.row("model.py").dblclick();
}

it("R14: only what the explorer shows is listed and watched", async () => {
  await guest.row("src").click();
  await guest.row("deep").waitFor();
  await vi.waitFor(() => expect(asked("watch", "src")).toBe(true), patience);
  const paths = (method: string) => new Set(server.network.asked.filter((each) => each.method === method).map(pathOf));
  expect([paths("list").has("src/deep"), paths("watch").has("src/deep")]).toEqual([false, false]);
});

it("changes in a nested folder appear in the explorer and in an open file", async () => {
  await openDeep();
  await guest.line("one").waitFor();
  await workspace.write("src/deep/model.py", "two\n");
  await guest.line("two").waitFor();
  await workspace.write("src/deep/new.py", "new\n");
  await guest.row("new.py").waitFor();
  await rm(join(workspace.folder, "src/deep/other.py"));
  await guest.row("other.py").waitFor({ state: "detached" });
});

it("a change just before its folder is watched is not missed", async () => {
  await guest.row("src").waitFor();
  const release = server.network.hold("watch");
  await guest.row("src").click();
  await vi.waitFor(() => expect(asked("watch", "src")).toBe(true), patience);
  await workspace.write("src/new.txt", "new\n");
  release();
  await guest.row("new.txt").waitFor();
  await guest.row("deep").click();
  await guest.row("other.py").waitFor();
  server.network.drop({ refuse: true });
  await guest.page.getByRole("status").getByText("No connection").waitFor();
  // Requested again after the loss; the file is opened and changes before the answer.
  const releaseAgain = server.network.hold("watch");
  server.network.asked.length = 0;
  server.network.allow();
  await vi.waitFor(() => expect(asked("watch", "src/deep")).toBe(true), patience);
  await guest.row("model.py").dblclick();
  await vi.waitFor(() => expect(asked("stat", "src/deep/model.py")).toBe(true), patience);
  await workspace.write("src/deep/model.py", "two\n");
  releaseAgain();
  await guest.line("two").waitFor();
  await workspace.write("src/deep/model.py", "three\n");
  await guest.line("three").waitFor();
});

it("changes without a connection appear afterwards", async () => {
  await openDeep();
  await guest.line("one").waitFor();
  server.network.drop({ refuse: true });
  await guest.page.getByRole("status").getByText("No connection").waitFor();
  await workspace.write("src/deep/model.py", "two\n");
  await workspace.write("src/deep/new.py", "new\n");
  server.network.allow();
  await guest.line("two").waitFor();
  await guest.row("new.py").waitFor();
});
