import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, startEngine, whyNoContainers } from "../../scripts/environments/containers.ts";
import { type ContainerServer, DockerHub } from "../support/hub/docker-hub.ts";
import { buildTestImage } from "../support/image.ts";
import { launchBrowser, newPage } from "../support/page/browser.ts";
import { expectNoSecrets, lookAround } from "../support/page/terminal-look.ts";

/** Everything else about the image is in test/deploy: it takes longer. */
describe.skipIf(whyNoContainers() !== undefined)("the image, behind a real hub with DockerSpawner", () => {
  let engine: Engine;
  let docker: DockerHub;
  let browser: Browser;
  let server: ContainerServer;

  beforeAll(async () => {
    engine = await startEngine();
    const image = await buildTestImage(engine);
    [docker, browser] = await Promise.all([DockerHub.start(engine, image), launchBrowser()]);
    server = await docker.startServer("alice");
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await docker?.stop();
    await engine?.close();
  });

  it("R4: a login leads to the IDE, whose terminal is the user's, without the hub's token", async () => {
    const { page } = await newPage(browser);
    await page.goto(`${server.url}ide/`);
    await docker.hub.loginInBrowser(page, "alice");
    const seen = await lookAround(page, docker, server);
    expect(seen.slice(0, 4)).toEqual(["1000", "100", "/home/alice", "/home/alice/workspace"]);
    expectNoSecrets(seen);
  });

  it("is healthy for Docker, too, and ends in order", async () => {
    await engine.podman("healthcheck", "run", server.container);
    await docker.hub.stopServer("alice");
    expect(await docker.containers()).toEqual([]);
    expect(docker.hub.output).not.toContain("Unexpected error when forwarding signal");
  });
});
