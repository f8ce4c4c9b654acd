import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { cleanEnvironment, ideReady, type RunningGateway, startGateway } from "../support/gateway.ts";
import { launcher } from "../support/hub/config.ts";
import { patience } from "../support/patience.ts";
import { processesOf, remainingBelow } from "../support/processes.ts";

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Parameters<typeof startGateway>[0] = {}): Promise<RunningGateway> {
  const gateway = await startGateway(options);
  closers.push(() => gateway.stop("SIGKILL"));
  return gateway;
}

/**
 * Sends the signals, each as soon as the one before was seen. @returns the exit code, which is 1 for a gateway that could not
 * end in order and gave up, and the milliseconds it took
 */
async function end(
  gateway: RunningGateway,
  ...signals: NodeJS.Signals[]
): Promise<{ code: number | null; milliseconds: number }> {
  const begin = performance.now();
  for (const signal of signals) {
    process.kill(gateway.pid, signal);
    if (signals.length > 1) await gateway.printed(new RegExp(`${signal}.*(stopping|killing)`));
  }
  const { code } = await gateway.exited;
  return { code, milliseconds: performance.now() - begin };
}

async function expectNothingLeft(gateway: Pick<RunningGateway, "home">): Promise<void> {
  expect(await processesOf(gateway.home)).toEqual([]);
}

/** An app that answers, and that neither SIGTERM nor a closed terminal ends, with a helper of the same kind. */
const stuckApp = JSON.stringify({
  stuck: {
    command: [
      "node",
      "-e",
      "process.on('SIGTERM',Date);process.on('SIGHUP',Date);require('child_process').spawn('sh',['-c','trap \"\" TERM HUP;sleep 1000;echo']);require('http').createServer((q,r)=>r.end('here')).listen({port})",
    ],
  },
});

describe.each(["SIGINT", "SIGTERM"] as const)("R22: %s", (signal) => {
  it("ends with 0 while WebSockets are open, and closes them", async () => {
    const gateway = await start();
    await ideReady(gateway);
    const sockets = [1, 2, 3].map(
      (number) =>
        new WebSocket(`${gateway.url.replace("http", "ws")}ide/?reconnectionToken=${number}`, {
          origin: new URL(gateway.url).origin,
        }),
    );
    await Promise.all(sockets.map((socket) => once(socket, "open")));
    const closed = Promise.all(sockets.map((socket) => once(socket, "close")));
    expect(await end(gateway, signal)).toMatchObject({ code: 0 });
    await closed;
    await expectNothingLeft(gateway);
  });

  it("ends with 0 while the IDE server starts", async () => {
    const gateway = await start();
    expect(await end(gateway, signal)).toMatchObject({ code: 0 });
    await expectNothingLeft(gateway);
  });

  it("ends with 0 while the IDE installs extensions", async () => {
    const gallery = createServer(() => {
      // Never answers, as a gallery behind a firewall does.
    });
    gallery.listen(0, "127.0.0.1");
    await once(gallery, "listening");
    closers.push(async () => {
      gallery.closeAllConnections();
      gallery.close();
    });
    const address = `http://127.0.0.1:${(gallery.address() as AddressInfo).port}`;
    const gateway = await start({ arguments: ["--extensions", "made.up", "--extension-gallery", address] });
    await vi.waitFor(async () => {
      const status = await (await fetch(`${gateway.url}api/status`)).json();
      expect(status).toMatchObject({ ide: { phase: expect.stringContaining("installing extension") } });
    }, patience);
    expect(await end(gateway, signal)).toMatchObject({ code: 0 });
    await expectNothingLeft(gateway);
  });

  it("ends with 0 while an app ignores SIGTERM; after a second one sooner", async () => {
    const gateways = await Promise.all([1, 2].map(() => start({ environment: { WAIIDE_APPS: stuckApp } })));
    for (const gateway of gateways) {
      await ideReady(gateway);
      expect(await (await fetch(`${gateway.url}apps/stuck/`)).text()).toBe("here");
    }
    // Both at once, so that what else the machine does delays both.
    const [patient, hurried] = await Promise.all(
      gateways.map((gateway, index) => end(gateway, ...Array<NodeJS.Signals>(index + 1).fill(signal))),
    );
    expect([patient?.code, hurried?.code]).toEqual([0, 0]);
    expect(hurried?.milliseconds).toBeLessThan(patient?.milliseconds ?? 0);
    for (const gateway of gateways) await expectNothingLeft(gateway);
  });
});

it("R22: a signal at any moment of the start ends it, and leaves nothing", async () => {
  const home = await mkdtemp(join(tmpdir(), "waiide-home-"));
  closers.push(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, "workspace"));
  for (const wait of [30, 80, 120, 160, 200, 250, 320, 400]) {
    const child = spawn(launcher, ["--port", "0"], {
      cwd: home,
      env: cleanEnvironment(home),
      stdio: "ignore",
    });
    await delay(wait);
    child.kill("SIGINT");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    // The kernel ends it before any of our code runs.
    expect(child.exitCode === 0 || child.signalCode === "SIGINT", `after ${wait} ms: ${child.exitCode}`).toBe(true);
    // A shell that the signal ended leaves its own child for a moment.
    expect(await remainingBelow(home)).toEqual([]);
  }
});

it("the owner stops a server without a hub: it answers, and leaves nothing", async () => {
  const gateway = await start();
  await ideReady(gateway);
  const stop = (site: string) =>
    fetch(`${gateway.url}api/server/stop`, { method: "POST", headers: { "sec-fetch-site": site } });
  expect((await stop("cross-site")).status).toBe(403);
  expect((await fetch(`${gateway.url}api`)).status).toBe(200);
  expect((await stop("same-origin")).status).toBe(202);
  expect((await gateway.exited).code).toBe(0);
  expect(gateway.output()).toContain("the owner asked to stop");
  await expectNothingLeft(gateway);
});
