import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Audit, type Share, sessionClose } from "@waiide/protocol";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Surveyed } from "../../packages/gateway/src/hub-service/survey.ts";
import { sharesPage } from "../../packages/gateway/src/pages/shares.ts";
import { listedShare, overview, runningServer } from "../../packages/gateway/test/support/shared-servers.ts";
import { freePort } from "../support/gateway.ts";
import { formOf, HttpClient } from "../support/http/client.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { Guest, Owner, policyConfig, sharingEnvironment } from "../support/hub/sharing.ts";
import { besideTheScreen, stumblingBlocks } from "../support/page/accessibility.ts";
import { launchBrowser, newPage, screenshot } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

/** A user's own program in place of WAIIDE: it answers every request and records it. */
const listening = `
import http.server, os, urllib.parse
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("heard.txt", "a") as file:
            file.write(self.path + "\\\\n" + str(self.headers))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")
    do_DELETE = do_GET
url = urllib.parse.urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
http.server.ThreadingHTTPServer((url.hostname, url.port), Handler).serve_forever()
`;
const note = '<img src=x onerror=alert(1)> [x](command:y) "&';

let hub: Hub;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let url: string;
let byDefault: RunningServer;
let named: RunningServer;
let silent: RunningServer;
let alice: Owner;
let aliceNamed: Owner;
let root: HttpClient;

beforeAll(async () => {
  const [port, servicePort] = [await freePort(), await freePort()];
  const own = (await policyConfig("admin-page"))
    .replace('administrators = ["admin"]', 'administrators = ["root"]')
    // The page asks once, and treats a slower server as silent.
    .replace('"WAIIDE_KEY_FILE": key_file', '"WAIIDE_KEY_FILE": key_file, "WAIIDE_SERVER_TIMEOUT": "10"')
    .replace("127.0.0.1:10789", `127.0.0.1:${servicePort}`)
    .replace("127.0.0.1:8000", `127.0.0.1:${port}`);
  const config = `${own}
# As many hubs do: that alone opens nothing.
c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", "access:services"]})
c.JupyterHub.load_roles.append({"name": "tutors", "users": ["tess"], "scopes": ["custom:waiide:admin!user=carol"]})

def choose(spawner):
    if spawner.name == "own":
        spawner.cmd = [sys.executable, "-c", ${JSON.stringify(listening)}]
    if spawner.name == "early":
        spawner.environment = {key: value for key, value in spawner.environment.items() if key != "WAIIDE_SHARE_ADMIN_KEYS"}

c.Spawner.pre_spawn_hook = choose
`;
  const users = ["alice", "bob", "carol", "tess"];
  [hub, browser] = await Promise.all([
    startHub({ port, config, environment: sharingEnvironment, users }),
    launchBrowser(),
  ]);
  byDefault = await hub.startServer("alice");
  named = await hub.startServer("alice", "waiide");
  silent = await hub.startServer("carol");
  await hub.startServer("bob", "own");
  await hub.startServer("bob", "early");
  [alice, aliceNamed] = [await Owner.of(hub, byDefault), await Owner.of(hub, named)];
  url = `${hub.url}services/waiide/`;
  ({ context, page } = await newPage(browser, { viewport: { width: 1280, height: 900 } }));
});
afterAll(async () => {
  await browser.close();
  process.kill(silent.pid, "SIGCONT");
  await hub.stop();
});

/** What a browser sends with a form of the page itself. */
const form = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };

const rows = () => page.getByRole("table", { name: "Live shares by owner" }).locator("tbody tr:has(td)");

/** What an owner's history says of ended shares. */
async function endings(owner: Owner): Promise<string[]> {
  const { entries } = (await owner.ask<Audit>("GET", "audit")).body;
  return entries.filter(({ event }) => event === "revoke").map(({ who }) => who);
}

const byRoot = "administrator root, through the service waiide";

describe("the administrator's page", () => {
  it("the hub's menu opens the page for an administrator, with all servers' shares", async () => {
    await alice.create({ permission: "view", note: "Review of the model", file: "hello.py", line: 1, end_line: 1 });
    await aliceNamed.create({ permission: "edit", note, expires_in: 604_800 });
    const carol = await Owner.of(hub, silent);
    await carol.create({ permission: "view" });
    process.kill(silent.pid, "SIGSTOP");
    await page.goto(`${hub.url}hub/login?next=${encodeURIComponent("/hub/home")}`);
    await hub.loginInBrowser(page, "root");
    await page.getByText("Services", { exact: true }).click();
    await page.getByRole("link", { name: "waiide", exact: true }).click();
    await page.getByRole("heading", { name: "Shares on this hub" }).waitFor();
    expect(page.url()).toBe(url);
    await expect.poll(() => rows().count(), patience).toBe(2);
    const texts = await rows().allInnerTexts();
    expect(texts[0]).toMatch(
      /default[\s\S]*View Only[\s\S]*anyone with the link[\s\S]*hello\.py, line 1[\s\S]*nobody[\s\S]*Review of the model/,
    );
    expect(texts[1]).toContain(note);
    const unknown = await page.locator("dl.why").innerText();
    expect(unknown).toMatch(/Started before this page was set up[^\n]*\s+bob\/early/);
    expect(unknown).toMatch(/No answer\s+carol: no answer in 10 s/);
    expect(unknown).toMatch(/Other software, or an old WAIIDE[^\n]*\s+bob\/own/);
    process.kill(silent.pid, "SIGCONT");
    expect(await page.getByRole("heading", { name: "What may be shared" }).isVisible()).toBe(true);
    expect(await page.locator("table.policy").innerText()).toMatch(/Terminal Access\s+no\s+yes\s+7 days/);
  });

  it("R4: a server that is another program gets no token of the hub's, and no usable order", async () => {
    const heard = await readFile(join(hub.home("bob"), "heard.txt"), "utf8");
    const [, order = ""] = /authorization: (\S+ \S+)/i.exec(heard.slice(heard.indexOf("/overview"))) ?? [];
    expect(order).toMatch(/^WAIIDE-Order /);
    expect(heard).not.toMatch(/authorization: (token|bearer)/i);
    const answer = await new HttpClient().fetch(`${named.url}api/share/overview`, { authorization: order });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body).error.message).toContain("another server");
  });

  it("R2: users without the page's scope get 403, strangers the hub's login, programs 401", async () => {
    const bob = await hub.login("bob");
    const refused = await hub.visit(bob, url);
    expect([refused.status, refused.url]).toEqual([403, url]);
    expect(refused.body).toContain("You are logged in as bob");
    expect(refused.body).not.toMatch(/alice|carol/);
    const stranger = await new HttpClient().open(url);
    expect(new URL(stranger.url).pathname).toBe("/hub/login");
    const { token } = await hub.createToken("root");
    const program = await new HttpClient().fetch(url, { authorization: `token ${token}` });
    expect(program.status).toBe(401);
  });

  it("R2: a filter limits an administrator to the shares of some users", async () => {
    const tess = await hub.login("tess");
    const answer = await hub.visit(tess, url);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("carol");
    expect(answer.body).not.toMatch(/alice|bob/);
    const proof = /name="proof" value="([^"]+)"/.exec((await tess.open(`${url}end?user=carol`)).body)?.[1] ?? "";
    const body = String(new URLSearchParams({ proof, user: "alice" }));
    const ended = await tess.follow(`${url}end`, { method: "POST", headers: form, body });
    expect(ended.body).toContain("you may not manage it");
    expect((await alice.ask<{ shares: unknown[] }>("GET", "list")).body.shares).toHaveLength(1);
  });

  it("R5: a form of another page, or of another person, and a script's request end nothing", async () => {
    root = await hub.login("root");
    const shown = await hub.visit(root, url);
    const { action, fields } = formOf(shown);
    expect(action).toBe(`${url}end`);
    const headers = { "content-type": form["content-type"] };
    const body = String(new URLSearchParams(fields.map(([name, value]) => [name, value])));
    const sent = { method: "POST", headers, body };
    const statuses = [
      await root.send(action, sent),
      await root.send(action, { ...sent, headers: { ...headers, origin: "https://evil.example" } }),
      await root.send(action, {
        ...sent,
        headers: { ...headers, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
      }),
      await root.send(action, {
        ...sent,
        headers: { ...headers, "sec-fetch-site": "same-origin" },
        body: body.replace(/proof=[^&]+/, "proof=x"),
      }),
      await root.fetch(url, { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin" }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([403, 403, 401, 403, 401]);
    expect((await alice.ask<{ shares: unknown[] }>("GET", "list")).body.shares).toHaveLength(1);
    expect(await endings(alice)).toEqual([]);
  });

  it("R18: its policy, cookie and texts are like our other pages'", async () => {
    const { headers, body } = await root.open(url);
    expect(String(headers["content-security-policy"])).toMatch(
      /^default-src 'none'; style-src 'sha256-\S+' 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    // R5: another user's page can neither frame it nor read it after opening it in a window.
    expect(headers).toMatchObject({
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": expect.stringMatching(/allow-popups$/),
    });
    expect(body).not.toContain("<img");
    const cookies = root.cookies.all.filter(({ name }) => name === "jupyterhub-service-waiide");
    expect(cookies).toMatchObject([{ path: "/services/waiide/" }]);
  });

  it("ending one share: its guest is out, and the history names the administrator", async () => {
    const share = await alice.create({ permission: "view", note: "Short visit" });
    const guest = new Guest(hub, share);
    expect((await guest.enter("Zoë")).status).toBe(204);
    const { closed } = await guest.session();
    await page.reload();
    await rows().filter({ hasText: "Short visit" }).getByText("Zoë").waitFor();
    await page.getByRole("button", { name: "End the View Only share of alice, Short visit" }).press("Enter");
    await page.getByRole("status").getByText("1 share of alice revoked, 1 guest disconnected.").waitFor();
    expect(await closed).toBe(sessionClose.administrator);
    expect((await guest.enter()).status).toBe(404);
    await expect.poll(() => rows().count(), patience).toBe(3);
    expect(await endings(alice)).toEqual([byRoot]);
    expect(hub.output).toMatch(/"administrator":"root","user":"alice","server":"","share":"[\w-]+","revoked":1/);
  });

  it("fits a phone, is accessible in light and dark; its picture for the docs", async () => {
    const hours = (number: number) => new Date(Date.now() + number * 3_600_000).toISOString();
    const guest = (name: string, hub_user: string | null) => ({
      session: name,
      name,
      entered_at: hours(-1),
      present: true,
      permission: "View Only" as const,
      level: "view" as const,
      hub_user,
    });
    const shares = [
      listedShare({
        note: "Review of the model",
        scope: { kind: "selection", path: "src/model.py", line: 10, col: 0, end_line: 42, end_col: null },
        guests: [guest("Zoë", null), guest("bob", "bob")],
        expires_at: hours(4.1),
      }),
      listedShare({
        level: "edit",
        permission: "Full Access",
        scope: { kind: "folder", path: "analysis/2026" },
        with: { group: "team" },
        guests: [guest("carol", "carol")],
        expires_at: hours(72.1),
        note: "The report",
      }),
    ];
    const help = listedShare({
      level: "terminal",
      permission: "Terminal Access",
      with: { user: "dave" },
      guests: [guest("dave", "dave")],
      expires_at: hours(20.1),
      note: "Help with CUDA",
    });
    const told = (user: string, name: string, ...listed: Share[]) =>
      ({ server: runningServer(user, name), found: { kind: "ok", body: overview(listed) } }) as const;
    const servers: Surveyed[] = [
      told("alice", "", ...shares),
      told("alice", "gpu", help),
      told("bob.x@example.org", "", listedShare({ root: "/home/bob/workspace", expires_at: null })),
      { server: runningServer("erin"), found: { kind: "silent", reason: "no answer in 3 s" } },
      { server: runningServer("frank", "lab"), found: { kind: "foreign", reason: "" } },
    ];
    const frame = { baseUrl: "/services/waiide/", hubAddress: "/hub/", administrator: "root", proof: "" };
    const shown = sharesPage({ ...frame, servers, notice: undefined, takenAt: Date.now(), refresh: undefined });
    await page.route(url, (route) => route.fulfill({ body: shown.html, headers: { ...shown.headers } }));
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(url);
        const widths = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        expect(widths).toEqual([width, width]);
        expect(await besideTheScreen(page)).toEqual([]);
        expect(await stumblingBlocks(page)).toEqual([]);
      }
    }
    await screenshot(page, "sharing-admin");
    await page.unroute(url);
    await page.goto(url);
  });

  it("ending all of a user's asks first, and says what a server did not answer", async () => {
    await page.getByRole("link", { name: "End all of alice …" }).click();
    await page.getByRole("heading", { name: "End all shares of alice?" }).waitFor();
    expect(await page.locator("ul.stop > li").count()).toBe(2);
    await page.getByRole("link", { name: "Keep them" }).click();
    await expect.poll(() => rows().count(), patience).toBe(3);
    await page.getByRole("link", { name: "End all of alice …" }).click();
    await page.getByRole("button", { name: "End all of them" }).click();
    await page.getByRole("status").getByText("2 shares of alice revoked, 0 guests disconnected.").waitFor();
    await expect.poll(() => rows().count(), patience).toBe(1);
    expect([await endings(alice), await endings(aliceNamed)]).toEqual([[byRoot, byRoot], [byRoot]]);
    process.kill(silent.pid, "SIGSTOP");
    await page.goto(`${url}end?user=carol`);
    await page.getByRole("button", { name: "End all of them" }).click();
    await page.getByRole("alert").getByText("The default server of carol: no answer in 10 s").waitFor();
    process.kill(silent.pid, "SIGCONT");
    // What it was asked to end it may still end: the order lasts a minute.
    const unknown = async () => {
      await page.goto(url);
      return page.locator("dl.why").innerText();
    };
    await expect.poll(unknown, patience).not.toContain("carol");
    await context.close();
  });
});
