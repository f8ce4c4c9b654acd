import { once } from "node:events";
import { expect, it } from "vitest";
import WebSocket from "ws";
import { ideReady, startGateway } from "../support/gateway.ts";
import { processesOf } from "../support/processes.ts";

/** Takes its whole grace period to end, so that requests can reach it meanwhile. */
const slowApp = JSON.stringify({
  slow: {
    command: [
      "node",
      "-e",
      "process.on('SIGTERM',Date);require('http').createServer((q,r)=>r.end('here')).listen({port})",
    ],
  },
});

it("R20: an unused gateway gives notice, closes WebSockets, says why, and ends with 0", async () => {
  const gateway = await startGateway({
    environment: { WAIIDE_APPS: slowApp, WAIIDE_SHUTDOWN_NO_ACTIVITY_TIMEOUT: "40" },
  });
  await ideReady(gateway);
  await (await fetch(`${gateway.url}apps/slow/`)).text();
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}ide/?reconnectionToken=1`, {
    origin: new URL(gateway.url).origin,
  });
  await once(socket, "open");
  const closed = once(socket, "close");

  await gateway.printed(/WAIIDE ends in 4 s/);
  const status = (await (await fetch(`${gateway.url}api/status`)).json()) as { shutting_down_at: string };
  expect(Date.parse(status.shutting_down_at)).toBeGreaterThan(Date.now() - 30_000);
  expect(Date.parse(status.shutting_down_at)).toBeLessThan(Date.now() + 4_500);

  await gateway.printed(/nobody has done anything here: WAIIDE ends/);
  expect((await closed)[0]).toBe(1001);
  const [page, program] = await Promise.all([
    fetch(`${gateway.url}ide/`, { headers: { accept: "text/html" } }),
    fetch(`${gateway.url}apps/slow/`),
  ]);
  expect(page.status).toBe(503);
  expect(await page.text()).toContain("stopped because nobody used it");
  expect([program.status, await program.json()]).toMatchObject([503, { error: { code: "ENDED_UNUSED" } }]);

  expect((await gateway.exited).code).toBe(0);
  expect(await processesOf(gateway.home)).toEqual([]);
  await gateway.stop();
});
