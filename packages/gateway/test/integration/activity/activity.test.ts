import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ServerFacts, Status } from "@waiide/protocol";
import { expect, it } from "vitest";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const report = { window: "a", person: false, terminals: [], work: {} };

const post = (body?: object) => ({ method: "POST", ...(body && { body }) });

async function statusOf(gateway: SharingGateway): Promise<Status> {
  return (await gateway.api("/api/status")).body as Status;
}

it("R20: reports over the control socket are what counts, and malformed ones nothing", async () => {
  const gateway = await SharingGateway.start();
  const before = await statusOf(gateway);
  expect(before.activity_source).toContain("has not reported yet");
  const answer = await gateway.api("/api/activity", post(report));
  expect([answer.status, answer.body]).toEqual([200, { report_every: 15 }]);
  expect(await statusOf(gateway)).toMatchObject({
    activity_source: "the extension in the IDE",
    last_activity: before.last_activity,
  });
  await gateway.api("/api/activity", post({ ...report, work: { tasks: 1 } }));
  const after = await statusOf(gateway);
  expect(Date.parse(after.last_activity)).toBeGreaterThan(Date.parse(before.last_activity));
  for (const wrong of [{}, { ...report, person: 1 }, { ...report, terminals: [-1] }, { ...report, more: true }]) {
    expect((await gateway.api("/api/activity", post(wrong))).status).toBe(400);
  }
  expect(await statusOf(gateway)).toMatchObject({ last_activity: after.last_activity });
  // Over the network it is the owner's alone.
  expect((await fetch(`${gateway.url}api/activity`, { method: "POST" })).status).toBe(401);
});

it("R20: an IDE is notified before an idle server stops, and when somebody kept it", async () => {
  const gateway = await SharingGateway.start({ flags: { "shutdown-no-activity-timeout": "20" } });
  const { socket: socketPath } = JSON.parse(await readFile(join(gateway.dataFolder, "running.json"), "utf8"));
  const asked = request({ socketPath, path: "/api/activity/events" }).end();
  const [stream] = (await once(asked, "response")) as [IncomingMessage];
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  const next = async (pattern: RegExp) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error("the stream ended");
      const match = pattern.exec(value);
      if (match !== null) return match;
    }
  };
  const [, endsAt = ""] = await next(/"ends_at":"([^"]+)"/);
  expect((await statusOf(gateway)).shutting_down_at).toBe(endsAt);
  expect((await gateway.api("/api/activity/keep", post())).status).toBe(204);
  await next(/^event: staying/);
  expect((await statusOf(gateway)).shutting_down_at).toBeNull();
  asked.destroy();
});

it("says of the server what there is to know, shows its log, and what doctor finds", async () => {
  const gateway = await SharingGateway.start();
  const facts = (await gateway.api("/api/server")).body as ServerFacts;
  expect(facts).toMatchObject({ environment: "standalone", user: null, hub: null, idle_timeout: 0 });
  const log = await gateway.api("/api/server/log");
  expect(log.body).toMatchObject({ gateway: expect.any(Array), ide: expect.any(Array) });
  const { body } = await gateway.api("/api/server/doctor");
  expect((body as { text: string }).text).toMatch(/IDE server.*\d problems?/s);
  for (const path of ["server", "server/log", "server/doctor"]) {
    expect((await fetch(`${gateway.url}api/${path}`)).status).toBe(401);
  }
});
