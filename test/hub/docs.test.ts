import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installJupyterHub } from "../../scripts/environments/jupyterhub.ts";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { fencedBlocks } from "../support/fenced-blocks.ts";
import { cleanEnvironment, freePort } from "../support/gateway.ts";
import { formOf, HttpClient } from "../support/http/client.ts";
import { directOrigin, idePage, opensIde, ways } from "../support/hub/contract.ts";
import { type Hub, type RunningServer, startHub } from "../support/hub/hub.ts";
import { patience } from "../support/patience.ts";
import { processesBelow, remainingBelow } from "../support/processes.ts";
import { Program } from "../support/program.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../..");

/** Blocks of docs/jupyterhub.md that no test has run yet. */
const blocks = await fencedBlocks("jupyterhub.md");
const left = new Set(blocks);

function take(language: string, ...parts: string[]): string {
  const block = blocks.find((each) => each.language === language && parts.every((part) => each.text.includes(part)));
  if (block === undefined) throw new Error(`docs/jupyterhub.md has no ${language} block with ${parts.join(", ")}`);
  left.delete(block);
  return block.text;
}

/** What docs/operations.md sets for all servers of a hub. */
async function idleStop(): Promise<string> {
  const found = (await fencedBlocks("operations.md")).find(({ language }) => language === "python");
  if (found === undefined) throw new Error("docs/operations.md has no python block");
  expect(found.text).toContain("WAIIDE_SHUTDOWN_NO_ACTIVITY_TIMEOUT");
  return found.text;
}

/** Logs in on the hub's page and waits for the IDE, as a person does who opened the hub's address. */
async function reachesIde(url: string, user: string, password: string): Promise<HttpClient> {
  const client = new HttpClient();
  const page = await client.open(`${url}hub/login?next=%2Fhub%2Fhome`);
  const { action, fields } = formOf(page);
  await client.submit(action, [...fields, ["username", user], ["password", password]]);
  await client.open(`${url}hub/spawn`);
  await expect.poll(async () => (await client.open(`${url}user/${user}/ide/`)).body, patience).toMatch(idePage);
  return client;
}

/** Runs the commands of docs/troubleshooting.md for a terminal of the IDE, in a terminal's environment. */
async function runFirstLook(hub: Hub, server: RunningServer): Promise<void> {
  const block = (await fencedBlocks("troubleshooting.md")).find(({ text }) => text.includes("env | grep JUPYTER"));
  const ide = (await processesBelow(hub.folder)).find(({ command }) => command.includes("server-main"));
  const { token } = await hub.createToken(server.user);
  const environment = Object.fromEntries(
    (ide?.environment ?? []).filter(Boolean).map((entry) => [entry.split("=")[0], entry.slice(entry.indexOf("=") + 1)]),
  );
  const command = (block?.text ?? "").replace("http://127.0.0.1:8070", directOrigin(server));
  const { stdout } = await run("bash", ["-c", `set -o pipefail; ${command}`], {
    env: { ...environment, TOKEN: token },
  });
  expect(stdout).toContain(`JUPYTERHUB_SERVICE_PREFIX=${server.prefix}`);
  expect(stdout).not.toContain(server.environment.JUPYTERHUB_API_TOKEN);
  expect(stdout).toMatch(/dist\/waiide\.cjs/);
  expect(stdout).toMatch(/server-main/);
  expect(stdout).toMatch(idePage);
}

describe("docs/jupyterhub.md", () => {
  describe("from nothing to a working IDE", () => {
    let folder: string;
    let hub: Program | undefined;
    const user = `trial-${randomUUID().slice(0, 8)}`;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "waiide-docs-"));
      await mkdir(join(folder, "home"));
      await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
    });
    afterAll(async () => {
      await hub?.interrupt();
      expect(await remainingBelow(folder)).toEqual([]);
      await rm(folder, { recursive: true, force: true });
    });

    it("the configuration starts a hub, and curl gets the IDE's page", async () => {
      const home = join(folder, "home");
      const own = cleanEnvironment(home);
      // test/hubs/install.test.ts runs the commands that install; here is what they lead to.
      take("sh", "pip install jupyterhub");
      const { bin, proxy } = await installJupyterHub();
      await symlink(join(bin, ".."), join(folder, "hub"));
      const path = [join(repository, "node_modules/.bin"), join(proxy, ".."), own.PATH].join(":");
      const options = { cwd: folder, env: { ...own, PATH: path } };

      // Ports and homes of a test, which must not collide with other programs here.
      const [port, hubPort, proxyPort] = [await freePort(), await freePort(), await freePort()];
      const here = (text: string) => text.replaceAll("127.0.0.1:8000", `127.0.0.1:${port}`);
      const configuration = here(take("python", 'c.Spawner.cmd = ["waiide"]', "bind_url"));
      expect(configuration.trim().split("\n").length).toBeLessThanOrEqual(10);
      const changes = [
        `c.JupyterHub.hub_bind_url = "http://127.0.0.1:${hubPort}"`,
        `c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:${proxyPort}"`,
        `c.SimpleLocalProcessSpawner.home_dir_template = "${home}/{username}"`,
      ].join("\n");
      const file = configuration.replace("/opt/waiide/ide-server", own.WAIIDE_SERVER_ROOT ?? "");
      await writeFile(join(folder, "jupyterhub_config.py"), `${file}\n${changes}\n`);
      hub = new Program("bash", ["-ec", `exec env ${take("sh", "hub/bin/jupyterhub -f")}`], options);
      await hub.printed(/JupyterHub is now running/);
      const url = `http://127.0.0.1:${port}/`;
      const client = await reachesIde(url, user, "change this");

      const page = await client.open(`${url}hub/token`);
      const xsrf = /xsrf_token: "([^"]+)"/.exec(page.body)?.[1] ?? "";
      const answer = await client.send(`${url}hub/api/users/${user}/tokens?_xsrf=${encodeURIComponent(xsrf)}`, {
        method: "POST",
        headers: { referer: `${url}hub/token` },
        body: "{}",
      });
      const { token } = JSON.parse(answer.body) as { token: string };
      const command = here(take("sh", "curl -L")).replaceAll("/user/alice/", `/user/${user}/`);
      const { stdout } = await run("bash", ["-ec", command], { ...options, env: { ...options.env, TOKEN: token } });
      expect(stdout).toMatch(idePage);
      expect(stdout).toContain('"last_activity"');
    });
  });

  it("npm run hub prints address and login, and leaves nothing behind on Ctrl-C", async () => {
    expect(take("sh", "npm run hub").trim()).toBe("npm run hub");
    const folder = await mkdtemp(join(tmpdir(), "waiide-docs-"));
    const port = await freePort();
    const environment = { ...process.env, TMPDIR: folder };
    const program = new Program("npm", ["run", "hub", "--", "--port", String(port)], {
      cwd: repository,
      env: environment,
    });
    try {
      const [, url = ""] = await program.printed(/is at (\S+)/);
      const [, password = ""] = await program.printed(/the password (\S+);/);
      expect(url).toBe(`http://127.0.0.1:${port}/`);
      await reachesIde(url, "alice", password);
      expect((await processesBelow(folder)).length).toBeGreaterThan(0);
    } finally {
      await program.interrupt();
    }
    expect(await remainingBelow(folder)).toEqual([]);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    await rm(folder, { recursive: true });
  });

  it("the variants: named servers, folder, default URL, JupyterLab, shares, idle stop", async () => {
    const config = [
      take("python", "named_server_limit_per_user"),
      take("python", "notebook_dir", "default_url"),
      take("python", "WAIIDE_APPS"),
      take("python", "WAIIDE_HUB_SHARE_LEVEL"),
      take("python", "WAIIDE_TRUSTED_PROXIES"),
      // What this file holds, a certificate that Node takes: packages/gateway/test/integration/hub/client.test.ts.
      take("python", "NODE_EXTRA_CA_CERTS"),
      // That webviews come from such an origin: test/hub/webviews.test.ts.
      take("python", "WAIIDE_WEBVIEW_ORIGIN"),
      await idleStop(),
    ].join("\n");
    const jupyter = await pythonEnvironment(environments.jupyterLab);
    const environment = { PATH: `${jupyter}:${process.env.PATH}` };
    const hub = await startHub({ config, environment });
    try {
      const server = await hub.startServer("alice", "waiide");
      await hub.ideReady(server);
      expect(server.prefix).toBe("/user/alice/waiide/");
      const client = await hub.login("alice");
      const { body } = await opensIde(hub, server, client);
      expect(body).toContain(join(hub.home("alice"), "workspace"));

      // Until it has started, a page says so.
      const lab = async () => (await client.open(`${server.url}apps/lab/`)).body;
      await expect.poll(lab, patience).toContain("jupyter-config-data");
      for (const path of ["proxy/8081/", "proxy/8071/"]) {
        expect((await client.open(server.url + path)).body).toMatch(idePage);
      }
      await runFirstLook(hub, server);
      await hub.api.share("alice", "waiide", { user: "bob" });
      const bob = await hub.login("bob");
      await hub.visit(bob, server.url);
      expect(await ways(server, 8071, bob)).toMatchObject({ ide: 200, socket: 101, api: 403 });
    } finally {
      await hub.stop();
    }
  });

  it("WAIIDE as a named server, beside what people have", async () => {
    const hub = await startHub({ config: take("python", "jupyterhub-singleuser", "pre_spawn_hook") });
    try {
      const server = await hub.startServer("alice", "waiide");
      await hub.ideReady(server);
      await opensIde(hub, server, await hub.login("alice"));
    } finally {
      await hub.stop();
    }
  });

  it("a host name for each user: the server gets it from the hub", async () => {
    const hub = await startHub({ config: take("python", "subdomain_host") });
    try {
      const server = await hub.startServer("alice");
      expect(server.url).toBe("https://alice.hub.example.org/user/alice/");
    } finally {
      await hub.stop();
    }
  });

  it("no block is left that no test runs", () => {
    expect([...left].map(({ text }) => text)).toEqual([]);
  });
});
