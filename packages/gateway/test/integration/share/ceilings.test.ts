import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ShareInfo } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { SharingGateway } from "../../support/sharing-gateway.ts";

describe("R19: the administrator's file, changed while the gateway runs", () => {
  it("applies to existing shares at once: what is no longer permitted closes", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" }, watched: true });
    const file = join(server.home, "administrator.json");
    const { guest } = await server.enter({ permission: "edit" });
    const session = await guest.session();
    writeFileSync(file, JSON.stringify({ "share-level": "view" }));
    expect((await session.closed).code).toBe(4415);
    expect((await guest.ask("files/a.txt")).status).toBe(401);
    const info = (await server.api("/api/share/info")).body as ShareInfo;
    expect(info.levels.map(({ allowed }) => allowed)).toEqual([true, false, false]);
    const refused = await server.api("/api/share/create", { method: "POST", body: { permission: "edit" } });
    expect(refused.status).toBe(403);
    rmSync(file);
    await expect.poll(async () => (await guest.ask("files/a.txt")).status).toBe(200);
  });

  it("a file that cannot be used changes nothing", async () => {
    const lines: string[] = [];
    const server = await SharingGateway.start({
      files: { "a.txt": "a" },
      watched: true,
      log: (line) => lines.push(line),
    });
    const { guest } = await server.enter({ permission: "edit" });
    // At once: a file that is empty first, and written then, changes twice.
    const file = join(server.home, "administrator.json");
    writeFileSync(`${file}-new`, "{ not JSON");
    renameSync(`${file}-new`, file);
    await expect.poll(() => lines.some((line) => line.includes("cannot be used"))).toBe(true);
    // That there was none at first is no change.
    expect(lines.filter((line) => line.includes("has changed")).length).toBe(1);
    expect((await guest.ask("files/a.txt")).status).toBe(200);
  });
});

it("R4: no secret or cookie in logs, Referer or audit, even at the lowest log level", async () => {
  const lines: string[] = [];
  const server = await SharingGateway.start({ files: { "a.txt": "a" }, log: (line) => lines.push(line) });
  const { share, guest } = await server.enter({ permission: "edit" });
  const session = await guest.session();
  await session.ask("read", { path: "a.txt" });
  await guest.ask(`?token=${guest.secret}`);
  await guest.ask("enter", { method: "POST", body: { secret: `${guest.secret}x` } });
  await guest.ask("ide/");
  await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
  await server.gateway.close();
  expect(lines.length).toBeGreaterThan(0);
  const log = lines.join("");
  for (const secret of [guest.secret, guest.cookie?.split("=")[1] ?? "none"]) expect(log).not.toContain(secret);
});
