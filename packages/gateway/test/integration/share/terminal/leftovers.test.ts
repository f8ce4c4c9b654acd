import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { SharingGateway } from "../../../support/sharing-gateway.ts";
import { isRunning } from "../../../support/terminal-shares.ts";

/** What a guest left running in a share; ends with the test. */
function leaveRunning(share: string): ChildProcess & { readonly pid: number } {
  const child = spawn("sleep", ["600"], { env: { ...process.env, WAIIDE_SHARE: share }, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  if (child.pid === undefined) throw new Error("sleep cannot be started");
  return child as ChildProcess & { readonly pid: number };
}

it("R16, R22: earlier processes end once it is known which shares continue, not before", async () => {
  const server = await SharingGateway.start();
  const live = await server.create({ permission: "terminal", confirm: true });
  const ended = await server.create({ permission: "terminal", confirm: true });
  await server.api(`/api/share/revoke/${ended.id}`, { method: "DELETE" });
  const store = join(server.dataFolder, "shares.sqlite");
  await server.gateway.close();
  const dataOf = ({ id }: { readonly id: string }) => join(server.dataFolder, "terminal", id);
  for (const share of [live, ended]) {
    mkdirSync(dataOf(share), { recursive: true });
    writeFileSync(join(dataOf(share), "settings.json"), "{}\n");
  }
  const processes = [live, ended].map(({ id }) => leaveRunning(id));
  const state = () => ({
    data: [live, ended].map((share) => existsSync(join(dataOf(share), "settings.json"))),
    running: processes.map(({ pid }) => isRunning(pid)),
  });

  const good = readFileSync(store);
  writeFileSync(store, "no database");
  await server.restart();
  expect((await server.api("/api/share/info")).body).toMatchObject({ sharing_available: false });
  await server.gateway.close();
  expect(state()).toEqual({ data: [true, true], running: [true, true] });

  writeFileSync(store, good);
  await server.restart();
  expect((await server.api("/api/share/info")).body).toMatchObject({ sharing_available: true });
  expect(state()).toEqual({ data: [true, false], running: [false, false] });
});
