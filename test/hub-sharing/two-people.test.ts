import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreatedShare } from "@waiide/protocol";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pidFrom } from "../../packages/gateway/test/support/terminal-shares.ts";
import { launcher } from "../support/hub/config.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { Guest, Owner, policyConfig, sharingEnvironment } from "../support/hub/sharing.ts";
import { launchBrowser, newPage, openTerminal, workbenchVisible } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";
import { processesBelow } from "../support/processes.ts";
import { auditOf, createShare, listShares, share } from "../support/sharing.ts";

interface HubShares {
  readonly items: readonly { readonly user: { readonly name: string } | null; readonly scopes: readonly string[] }[];
}

describe.each(["6.1.1", "5.5.4"])("JupyterHub %s: alice and bob, each in a browser", (version) => {
  let hub: Hub;
  let server: RunningServer;
  let browser: Browser;
  let alice: Page;
  let bob: Page;
  let home: string;

  beforeAll(async () => {
    // Links point to where alice's browser opened the IDE.
    const { WAIIDE_SHARE_LIMITS } = sharingEnvironment;
    const config = await policyConfig("named-people");
    hub = await startHub({
      version,
      config,
      environment: { WAIIDE_SHARE_LIMITS },
      users: ["alice", "bob", "carol", "dave"],
    });
    home = hub.home("alice");
    browser = await launchBrowser();
    server = await hub.startServer("alice", "waiide");
    await hub.ideReady(server);
    ({ page: alice } = await newPage(browser));
    await alice.goto(`${server.url}ide/`);
    await hub.loginInBrowser(alice, "alice");
    await workbenchVisible(alice);
    ({ page: bob } = await newPage(browser));
  });
  afterEach(() => share(server, "revoke", "--all"));
  afterAll(async () => {
    await browser.close();
    await hub.stop();
  });

  /** The users whom the hub permits to log in at alice's server, and their other rights. */
  async function hubShares(): Promise<string[]> {
    const { body } = await hub.api.call<HubShares>("GET", "/shares/alice/waiide");
    return body.items.map(({ user, scopes }) => `${user?.name}: ${scopes.join(", ")}`);
  }

  async function inTerminal(command: string): Promise<void> {
    await alice.locator(".terminal-wrapper.active .xterm-screen").click();
    await alice.keyboard.type(`${command}\n`);
  }

  it("R2: bob opens the address, logs in and reads, until alice revokes it", async () => {
    await openTerminal(alice);
    await inTerminal(
      `${launcher} share create hello.py --permission 'View Only' --with bob --json > ~/made.part && mv ~/made.part ~/made`,
    );
    await expect.poll(() => existsSync(join(home, "made")), patience).toBe(true);
    const made = JSON.parse(await readFile(join(home, "made"), "utf8")) as CreatedShare;
    expect(made).toMatchObject({ with: { user: "bob" }, hub_access: { granted: true } });
    expect(await hubShares()).toEqual(["bob: access:servers!server=alice/waiide"]);
    await bob.goto(made.url);
    await bob.getByRole("button", { name: "Log in" }).click();
    await hub.loginInBrowser(bob, "bob");
    await bob.getByRole("button", { name: /authorize/i }).click();
    await bob.getByRole("heading", { name: "alice shares the file “hello.py” with you" }).waitFor();
    await bob.getByText("You join as bob").waitFor();
    const session = bob.waitForEvent("websocket", (opened) =>
      /\/share\/[^/]+\/~page-[^/]+\/api\/session$/.test(opened.url()),
    );
    await bob.getByRole("button", { name: "Open" }).click();
    // The login has led to the shared file.
    await bob.locator(".editor-instance .view-line", { hasText: "print('hello')" }).first().waitFor();
    expect(await listShares(server)).toMatchObject([{ guests: [{ name: "bob", hub_user: "bob", present: true }] }]);

    const socket = await session;
    const closed = socket.waitForEvent("close").then(() => performance.now());
    await inTerminal(`${launcher} share revoke ${made.id} > ~/ended; date > ~/ended-at`);
    await expect.poll(() => existsSync(join(home, "ended-at")), patience).toBe(true);
    const answered = performance.now();
    console.log(`bob's page was cut off ${Math.round(answered - (await closed))} ms before the command ended`);
    await bob.getByText("alice has stopped sharing").waitFor();
    expect(await listShares(server)).toEqual([]);
    await bob.reload();
    await bob.getByText("You are no longer in this share").waitFor();
    await expect.poll(hubShares, patience).toEqual([]);
    await alice.locator(".explorer-folders-view").getByText("hello.py").waitFor();
  });

  it("R2: a member of a named group joins, another user does not", async () => {
    await hub.api.group("team", ["carol"]);
    const owner = await Owner.of(hub, server);
    for (const recipient of [{ user: "nobody" }, { group: "none" }]) {
      expect((await owner.ask("POST", "create", { permission: "view", with: recipient })).status).toBe(400);
    }
    const made = await owner.create({ permission: "view", with: { group: "team" } });
    expect(made.hub_access).toEqual({ granted: true });
    const statuses: number[] = [];
    for (const user of ["carol", "dave"]) {
      const guest = new Guest(hub, made, await hub.login(user));
      await hub.visit(guest.client, `${guest.url}login`);
      statuses.push((await guest.post("enter", {})).status);
      statuses.push((await guest.client.fetch(`${guest.url}files/hello.py`)).status);
    }
    expect(statuses).toEqual([204, 200, 401, 401]);
  });

  // It uses no more of the hub than the test before, and takes long: one version is enough.
  if (version !== "6.1.1") return;
  it("R16: at Terminal Access bob has a separate IDE; the end kills his programs", async () => {
    const made = await createShare(server, "--permission", "Terminal Access", "--with", "bob");
    await bob.goto(made.url);
    // He is logged in at the hub and known here: only the warning is left before the IDE.
    await bob.getByLabel("I understand").check();
    await bob.getByRole("button", { name: "Open" }).click();
    await workbenchVisible(bob);
    expect(bob.url()).toContain(`/user/alice/waiide/share/${made.id}/ide/`);
    await openTerminal(bob);
    await bob.keyboard.type("sh -c 'echo $$ > ~/bobs; exec sleep 600'\n");
    const pid = await pidFrom(join(home, "bobs"));
    const inside = async () =>
      (await processesBelow(home))
        .filter(({ environment }) => environment.includes(`WAIIDE_SHARE=${made.id}`))
        .map((inside) => inside.pid);
    await expect.poll(inside, patience).toContain(pid);

    await share(server, "revoke", made.id);
    await bob.getByText("You are no longer in this share").waitFor();
    await expect.poll(inside, patience).toEqual([]);
    // The audit gets the number of processes a moment after the last of them has ended.
    const events = async () =>
      (await auditOf(server, made.id)).map(({ event, who }) => `${event} ${who.replace(/ \(.*/, "")}`);
    await expect
      .poll(events, patience)
      .toEqual(["kill gateway", "revoke alice", "enter bob of the hub", "create alice"]);
    await alice.locator(".explorer-folders-view").getByText("hello.py").waitFor();
  });
});
