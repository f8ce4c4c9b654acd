import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, startEngine } from "../../scripts/environments/containers.ts";
import type { HttpClient } from "../support/http/client.ts";
import { idePage } from "../support/hub/contract.ts";
import { type ContainerServer, DockerHub } from "../support/hub/docker-hub.ts";
import { Guest, Owner } from "../support/hub/sharing.ts";
import { launchBrowser, newPage } from "../support/page/browser.ts";
import { expectNoSecrets, lookAround } from "../support/page/terminal-look.ts";
import { patience } from "../support/patience.ts";
import { builtImage } from "./built-image.ts";

const odd = ["bob.x@ex.org", "łukasz o'neil"];

let engine: Engine;
let image: string;
let browser: Browser;

beforeAll(async () => {
  engine = await startEngine();
  image = await builtImage(engine);
  browser = await launchBrowser();
}, 1_800_000);
afterAll(async () => {
  await browser?.close();
  await engine?.close();
});

/** Opens a server's IDE after a login at the hub. */
async function opens(docker: DockerHub, { user, url }: ContainerServer): Promise<HttpClient> {
  const client = await docker.hub.login(user);
  await expect.poll(async () => (await client.open(url)).body, patience).toMatch(idePage);
  return client;
}

describe("DockerSpawner with deploy/jupyterhub/docker.py", () => {
  let docker: DockerHub;
  let first: ContainerServer;
  let named: ContainerServer;

  beforeAll(async () => {
    docker = await DockerHub.start(engine, image, { users: ["alice", "bob", ...odd] });
    first = await docker.startServer("alice");
    named = await docker.startServer("alice", "waiide");
  });
  afterAll(() => docker?.stop());

  it("R23: default and named server open, and share the home, not the gateway's data", async () => {
    await opens(docker, first);
    await opens(docker, named);
    await docker.exec(first, "echo hello > /home/alice/workspace/kept.txt");
    expect(await docker.exec(named, "cat /home/alice/workspace/kept.txt")).toBe("hello");
    // A folder each, and WAIIDE's own extension, which both link to.
    expect(await docker.exec(named, "ls -A /home/alice/.WAIIDE-server/gateway")).toBe("_\nown-extension\nwaiide");
  });

  it("a file survives stop and start; nothing of the container does", async () => {
    await docker.exec(
      named,
      "stat -c %u:%g /home/alice && echo mine > /home/alice/workspace/mine.txt && echo x > /tmp/gone",
    );
    await docker.hub.stopServer("alice", "waiide");
    expect(await docker.containers()).not.toContain(named.container);
    named = await docker.startServer("alice", "waiide");
    expect(await docker.exec(named, "cat /home/alice/workspace/mine.txt; ls /tmp/gone || true")).toBe("mine");
    await opens(docker, named);
  });

  it("a hub that is killed and restarted finds the containers; logins stay", async () => {
    const client = await opens(docker, named);
    await docker.hub.kill();
    await docker.hub.start();
    expect(await docker.containers()).toContain(named.container);
    await expect.poll(async () => (await client.fetch(`${named.url}ide/`)).status, patience).toBe(200);
    await opens(docker, first);
  });

  it("bob opens alice's share; the hub lists it, and deleting it there ends it", async () => {
    const owner = await Owner.of(docker.hub, { ...named, prefix: "", pid: 0, environment: {} });
    const share = await owner.create({ permission: "View Only", note: "for bob" });
    const bob = new Guest(docker.hub, share);
    expect((await bob.enter("Bob")).status).toBe(204);
    const { welcome, closed } = await bob.session();
    expect(welcome.type).toBe("welcome");
    const { body } = await docker.hub.api.call<{ api_tokens: { id: string; note: string }[] }>(
      "GET",
      "/users/alice/tokens",
    );
    const tokens = body.api_tokens.filter(({ note }) => note.includes("View Only"));
    expect(tokens).toHaveLength(1);
    await docker.hub.api.deleteToken("alice", tokens[0]?.id ?? "");
    expect(await closed).toBeGreaterThanOrEqual(4000);
    expect((await bob.enter("Bob")).status).toBe(404);
  });

  it.each(odd)("the home of %s is their volume", async (user) => {
    const server = await docker.startServer(user);
    await opens(docker, server);
    await docker.exec(server, `echo hello > "/home/$JUPYTERHUB_USER/workspace/kept.txt"`);
    await docker.hub.stopServer(user);
    const again = await docker.startServer(user);
    expect(await docker.exec(again, `cat "/home/$JUPYTERHUB_USER/workspace/kept.txt"`)).toBe("hello");
    expect(await docker.exec(again, `stat -c %u:%g "/home/$JUPYTERHUB_USER"`)).toBe("1000:100");
    await docker.hub.stopServer(user);
  });
});

describe("idle servers", () => {
  const idle = { ...patience, timeout: 300_000 };
  let docker: DockerHub;
  beforeAll(async () => {
    docker = await DockerHub.start(engine, image, {
      replace: { '"--timeout=3600"': '"--timeout=150", "--cull-every=5"' },
      config: `
def end_soon(spawner):
    if spawner.name == "watched":
        spawner.environment = {**spawner.environment, "WAIIDE_SHUTDOWN_NO_ACTIVITY_TIMEOUT": "60"}


c.Spawner.pre_spawn_hook = end_soon
`,
    });
  });
  afterAll(() => docker?.stop());

  it("R20: one without a tab is culled by the hub, one with a tab ends itself", async () => {
    const left = await docker.startServer("alice");
    const watched = await docker.startServer("bob", "watched");
    const { page } = await newPage(browser);
    await page.goto(`${watched.url}ide/`);
    await docker.hub.loginInBrowser(page, "bob");
    await page.locator(".monaco-workbench").waitFor();
    await expect.poll(async () => Object.keys((await docker.hub.api.user("bob")).servers), idle).toEqual([]);
    // Docker keeps what ended by itself until it is started again; it holds nothing.
    const state = await engine.podman(
      "inspect",
      "--format",
      "{{.State.Running}} {{.State.ExitCode}}",
      watched.container,
    );
    expect(state).toBe("false 0");
    expect(await engine.logs(watched.container)).toContain("nobody has done anything here: WAIIDE ends");
    await expect.poll(() => docker.containers(), idle).not.toContain(left.container);
    expect(docker.hub.output).toMatch(/Culling server alice/);
    expect(docker.hub.output).not.toMatch(/Culling server bob/);
  });
});

describe("started without root", () => {
  let docker: DockerHub;
  beforeAll(async () => {
    docker = await DockerHub.start(engine, image, {
      replace: {
        '# c.DockerSpawner.extra_create_kwargs = {"user": "1000:100"}':
          'c.DockerSpawner.extra_create_kwargs = {"user": "1000:100"}',
        '["CHOWN", "SETUID", "SETGID", "KILL"]': "[]",
      },
    });
  });
  afterAll(() => docker?.stop());

  it("R4: the IDE's terminal sees nothing of the hub's token either", async () => {
    const server = await docker.startServer("alice");
    const { page } = await newPage(browser);
    await page.goto(`${server.url}ide/`);
    await docker.hub.loginInBrowser(page, "alice");
    expectNoSecrets(await lookAround(page, docker, server));
    await docker.hub.stopServer("alice");
    expect(await docker.containers()).toEqual([]);
  });
});
