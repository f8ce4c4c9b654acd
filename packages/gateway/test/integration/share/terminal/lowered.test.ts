import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Audit } from "@waiide/protocol";
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

it("R16: Terminal Access lowered to View Only kills what guests started", async () => {
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

  const change = { method: "PATCH", body: { permission: "view" } } as const;
  expect((await server.api(`/api/share/${share.id}`, change)).status).toBe(200);
  expect((await guest.ask("ide/environment")).status).toBe(403);
  await expect.poll(() => isRunning(pid)).toBe(false);
  const session = await guest.session();
  expect((await session.message("welcome")).you.level).toBe("view");
  const events = async () => ((await server.api("/api/share/audit")).body as Audit).entries.map(({ event }) => event);
  await expect.poll(events).toContain("kill");
});
