import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Audit, ShareList } from "@waiide/protocol";
import { expect, it, onTestFinished } from "vitest";
import { makeIde, write } from "../../../support/fake-ide.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";
import { isRunning, pidFrom } from "../../../support/terminal-shares.ts";

/** A gateway whose IDE server is the fixture, which runs scripts as a guest would in a terminal. */
async function start(): Promise<SharingGateway> {
  const folder = mkdtempSync(join(tmpdir(), "waiide-lowered-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const ideServer = join(folder, "ide");
  await makeIde(ideServer);
  const fixture = join(import.meta.dirname, "fixtures/server-main.cjs");
  await write(join(ideServer, "out/server-main.js"), await readFile(fixture));
  return SharingGateway.start({ files: { "a.txt": "alpha\n" }, flags: { "ide-server": ideServer } });
}

/** A guest of a Terminal Access share who has started a program. */
async function withProgram() {
  const server = await start();
  const { share, guest } = await server.enter({ permission: "terminal" });
  await expect.poll(async () => (await guest.ask("ide/environment")).status).toBe(200);
  const file = join(server.home, "started");
  await fetch(new URL(`${guest.path}ide/run`, server.url), {
    method: "POST",
    headers: { cookie: guest.cookie ?? "", "sec-fetch-site": "same-origin" },
    body: `setsid sleep 600 >&- & echo $! > ${file}`,
  });
  const pid = await pidFrom(file);
  expect(isRunning(pid)).toBe(true);
  const events = async () => ((await server.api("/api/share/audit")).body as Audit).entries.map(({ event }) => event);
  return { server, share, guest, pid, events };
}

it("R16: Terminal Access lowered to View Only kills what guests started", async () => {
  const { server, share, guest, pid, events } = await withProgram();
  const change = { method: "PATCH", body: { permission: "view" } } as const;
  expect((await server.api(`/api/share/${share.id}`, change)).status).toBe(200);
  expect((await guest.ask("ide/environment")).status).toBe(403);
  await expect.poll(() => isRunning(pid)).toBe(false);
  const session = await guest.session();
  expect((await session.message("welcome")).you.level).toBe("view");
  await expect.poll(events).toContain("kill");
});

it("R16: the removal of a Terminal Access guest kills what runs in the share’s IDE", async () => {
  const { server, share, guest, pid, events } = await withProgram();
  const { shares } = (await server.api("/api/share/list")).body as ShareList;
  const session = shares[0]?.guests[0]?.session;
  const removed = await server.api(`/api/share/${share.id}/guests/${session}`, { method: "DELETE" });
  expect(removed.status).toBe(204);
  expect((await guest.ask("ide/environment")).status).toBe(401);
  await expect.poll(() => isRunning(pid)).toBe(false);
  await expect.poll(events).toContain("kill");
  expect(await events()).toContain("remove-guest");
});
