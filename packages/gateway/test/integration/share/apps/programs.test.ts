import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit, Share, ShareList, Status } from "@waiide/protocol";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { AppGuest, shareApp, startTestApp } from "../../../support/apps/app-guest.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const create = "/api/share/create";

describe("R31: which program is shared", () => {
  it("another program on the port pauses the share, until the owner says it is meant", async () => {
    const gateway = await SharingGateway.start();
    const app = await startTestApp();
    const { share, guest } = await shareApp(gateway, { port: app.port });
    await app.stop();
    expect((await guest.ask("")).status).toBe(503);
    await guest.session.find((message) => message.type === "app" && message.state === "stopped");
    const other = await startTestApp(app.port, ["--another"]);
    const paused = await guest.ask("");
    expect([paused.status, paused.body.includes("paused")]).toEqual([503, true]);
    await guest.session.find((message) => message.type === "app" && message.state === "paused");
    const { shares } = (await gateway.api("/api/share/list")).body as ShareList;
    expect(shares[0]?.app).toMatchObject({ state: "paused" });
    const resumed = await gateway.api(`/api/share/${share.id}/resume`, { method: "POST" });
    expect((resumed.body as Share).app).toMatchObject({ state: "ready", port: other.port });
    expect((await guest.ask("")).status).toBe(200);
    await guest.session.find((message) => message.type === "app" && message.state === "ready");
    const { entries } = (await gateway.api("/api/share/audit")).body as Audit;
    expect(entries.map(({ event }) => event)).toEqual(expect.arrayContaining(["pause-app", "resume-app"]));
  });

  it("the same program that comes back is used at once", async () => {
    const gateway = await SharingGateway.start();
    const first = await startTestApp();
    await first.stop();
    const app = await startTestApp(first.port);
    const { guest } = await shareApp(gateway, { port: app.port });
    await app.stop();
    expect((await guest.ask("")).body).toContain("nothing listens");
    await startTestApp(first.port);
    expect((await guest.ask("")).status).toBe(200);
  });

  it("WAIIDE's port is refused, and a port where nothing listens", async () => {
    const gateway = await SharingGateway.start();
    for (const port of [Number(new URL(gateway.url).port), 1]) {
      const refused = await gateway.api(create, { method: "POST", body: { permission: "app", app: { port } } });
      expect([refused.status, refused.body]).toMatchObject([400, { error: { field: "app" } }]);
    }
    expect(((await gateway.api("/api/share/list")).body as ShareList).shares).toEqual([]);
  });

  it("another user's program on the port is never shared, nor used", async () => {
    const gateway = await SharingGateway.start();
    const { port } = await startTestApp();
    const { guest } = await shareApp(gateway, { port });
    expect((await guest.ask("")).status).toBe(200);
    // The program is the same, and we are somebody else.
    const uid = process.getuid?.() ?? 0;
    const asked = vi.spyOn(process, "getuid").mockReturnValue(uid + 1);
    onTestFinished(() => asked.mockRestore());
    await guest.session.find((message) => message.type === "app" && message.reason.includes("belongs to another user"));
    const refused = await gateway.api(create, { method: "POST", body: { permission: "app", app: { port } } });
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([400, expect.stringContaining("another user")]);
    expect(((await gateway.api("/api/share/list")).body as ShareList).shares).toHaveLength(1);
  });

  it("the IDE's own port is refused", async () => {
    const gateway = await SharingGateway.start();
    const { port } = await startTestApp(0, [join(gateway.home, "no-ide", "out", "server-main.js")]);
    const refused = await gateway.api(create, { method: "POST", body: { permission: "app", app: { port } } });
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([400, expect.stringContaining("port of the IDE")]);
    expect(((await gateway.api("/api/share/list")).body as ShareList).shares).toEqual([]);
  });

  it("an app that crashes in a loop is not started by guests more than every 5 s", async () => {
    const gateway = await SharingGateway.start({
      flags: {
        apps: JSON.stringify({
          broken: { command: [process.execPath, "-e", "require('fs').appendFileSync('starts', '.')", "{port}"] },
        }),
      },
    });
    const { guest } = await shareApp(gateway, { name: "broken" });
    const starts = () => readFileSync(join(gateway.workspace, "starts"), "utf8").length;
    const begun = performance.now();
    for (let asked = 0; asked < 20; asked += 1) expect((await guest.ask("")).status).toBeGreaterThanOrEqual(500);
    // Each start may try anew where its port was taken meanwhile.
    expect(starts()).toBeGreaterThan(0);
    expect(starts()).toBeLessThanOrEqual(3 * (1 + Math.floor((performance.now() - begun) / 5_000)));
  });

  it("R20: a guest's use of an app keeps the server only where the owner chose it", async () => {
    const gateway = await SharingGateway.start();
    const { port } = await startTestApp();
    const activity = async () => Date.parse(((await gateway.api("/api/status")).body as Status).last_activity);
    const use = async (keeps_server: boolean) => {
      const { guest } = await shareApp(gateway, { port, keeps_server });
      const before = await activity();
      await expect.poll(() => Date.now()).toBeGreaterThan(before + 5);
      const socket = guest.socket("ws");
      await once(socket, "message");
      socket.send("hello");
      await once(socket, "message");
      await guest.ask("", { headers: { "sec-fetch-user": "?1" } });
      socket.close();
      return (await activity()) > before;
    };
    expect(await use(false)).toBe(false);
    expect(await use(true)).toBe(true);
  });

  it.each([
    [{ permission: "app" }, "app"],
    [{ permission: "view", app: { port: 3000 } }, "app"],
    [{ permission: "app", app: { port: 3000 }, file: "a.txt" }, "file"],
    [{ permission: "app", app: { name: "none" } }, "app"],
  ])("%j is refused", async (body, field) => {
    const gateway = await SharingGateway.start();
    const refused = await gateway.api(create, { method: "POST", body });
    expect([refused.status, refused.body]).toMatchObject([400, { error: { field } }]);
    expect(((await gateway.api("/api/share/list")).body as ShareList).shares).toEqual([]);
  });

  it("plain HTTP: no app share, said why", async () => {
    const gateway = await SharingGateway.start({ flags: { "public-url": "http://hub.example" } });
    const { port } = await startTestApp();
    const refused = await gateway.api(create, { method: "POST", body: { permission: "app", app: { port } } });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain("HTTPS");
  });

  it("Jupyter on a shared port counts as Terminal Access: confirmation and ceiling", async () => {
    const gateway = await SharingGateway.start({ watched: true });
    // Known by its command, whatever it answers.
    const { port } = await startTestApp(0, []);
    const jupyter = await startTestApp(0, [], "jupyter-lab");
    const ask = (app: { port: number }, more = {}) =>
      gateway.api(create, { method: "POST", body: { permission: "app", app, ...more } });
    expect((await ask({ port })).status).toBe(201);
    expect(await ask({ port: jupyter.port })).toMatchObject({
      status: 409,
      body: { error: { code: "SHARE_CODE_CONFIRM" } },
    });
    const made = await ask({ port: jupyter.port }, { confirm: true });
    expect((made.body as Share).app).toMatchObject({ runs_code: true });
    writeFileSync(join(gateway.home, "administrator.json"), JSON.stringify({ "share-level": "edit" }));
    const live = async () => ((await gateway.api("/api/share/list")).body as ShareList).shares.length;
    await expect.poll(live, { timeout: 60_000 }).toBe(1);
    expect((await ask({ port: jupyter.port }, { confirm: true })).status).toBe(403);
  });

  it("R19: a lowered ceiling ends what guests use at once", async () => {
    const gateway = await SharingGateway.start({ watched: true });
    const { port } = await startTestApp();
    const { guest } = await shareApp(gateway, { port });
    writeFileSync(join(gateway.home, "administrator.json"), JSON.stringify({ "share-apps": "configured" }));
    await guest.session.closed;
    expect((await guest.ask("")).status).toBe(403);
    const refused = await gateway.api(create, { method: "POST", body: { permission: "app", app: { port } } });
    expect(refused.status).toBe(403);
  });

  it("guests start a configured app once, and not where the owner said no", async () => {
    const program = new URL("../../../support/apps/shared-app.mjs", import.meta.url).pathname;
    const lab = { title: "Lab", command: [process.execPath, program, "{port}"] };
    const gateway = await SharingGateway.start({ flags: { apps: JSON.stringify({ lab }) } });
    const closed = await shareApp(gateway, { name: "lab", guests_start: false });
    expect((await closed.guest.ask("")).status).toBe(503);
    expect(await closed.guest.session.ask("start-app", {})).toMatchObject({ code: "DENIED" });
    const open = await shareApp(gateway, { name: "lab" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => open.guest.ask("")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await closed.guest.ask("")).status).toBe(200);
    const { entries } = (await gateway.api("/api/share/audit")).body as Audit;
    const starts = entries.filter(({ event }) => event === "start-app");
    expect(starts).toHaveLength(1);
    expect(starts[0]?.who).toContain("Bob");
  });

  it("the app is told guests' names only where the owner chose it, encoded", async () => {
    const gateway = await SharingGateway.start();
    const { port } = await startTestApp();
    const share = await gateway.create({ permission: "app", app: { port, names: true } });
    const guest = await AppGuest.open(gateway, await gateway.guest(share).enter("Zoë K"));
    await guest.fetch("one", { headers: { "x-waiide-guest": "alice" } });
    expect((await guest.requests())[0]?.headers["x-waiide-guest"]).toBe("Zo%C3%AB%20K");
  });
});
