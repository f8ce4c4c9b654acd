import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CopyTicket } from "@waiide/protocol";
import { expect, it, onTestFinished } from "vitest";
import { Recipient } from "../../support/copies/recipient.ts";
import { PlainHub } from "../../support/plain-hub.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = {
  "README.md": "# Tides\n",
  ".env": "SECRET=1\n",
  ".devcontainer/devcontainer.json": '{"image": "x", "postCreateCommand": "make data"}',
  ".vscode/tasks.json": '{"tasks": [{"label": "evil", "command": "touch ran", "runOptions": {"runOn": "folderOpen"}}]}',
};

/** Ana's server with a share that may be copied, and Bob in it as a guest. */
async function anaShares() {
  const hub = await PlainHub.start("ana", ["access:servers!server=ana/"]);
  onTestFinished(() => hub.close());
  const server = await SharingGateway.start({
    files,
    flags: { auth: undefined, token: undefined },
    environment: hub.environmentOf({ user: "ana", prefix: "/user/ana/" }),
  });
  const copy = { files: true, settings: [], extensions: false };
  const { guest, share } = await server.enter({ permission: "view", copy });
  return { server, guest, share };
}

it("R29, R30: Bob copies Ana's workspace: both servers, one ticket, no hidden file", async () => {
  const ana = await anaShares();
  const bob = await Recipient.start({ files: { "mine.txt": "mine\n" } });
  const state = await bob.begin({ path: ana.guest.path });
  const to = `/user/bob/copy/return?state=${state}`;
  const { origin } = new URL(ana.server.url);
  const ticketFor = async (target: string) => {
    const made = await ana.guest.ask("copy-ticket", { method: "POST", body: { to: target } });
    expect(made.status).toBe(200);
    return (JSON.parse(made.body) as CopyTicket).ticket;
  };
  const begin = (given: string) =>
    bob.ask("api/copies", { method: "POST", body: { state, ticket: given }, headers: { origin } });
  // For another page of Bob's server it opens nothing, and leaves nothing.
  const other = await begin(await ticketFor(`/user/bob/copy/return?state=${"x".repeat(32)}`));
  expect([other.status, other.body]).toEqual([409, expect.stringContaining("COPY_NOT_GIVEN")]);
  expect(readdirSync(bob.server.home).sort()).toEqual(["data", "workspace"]);
  const ticket = await ticketFor(to);
  const shown = await begin(ticket);
  expect([shown.status, shown.body]).toEqual([201, expect.stringContaining('"postCreateCommand"')]);
  const { id, folder } = JSON.parse(shown.body) as { id: string; folder: string };
  await bob.ask(`api/copies/${id}/accept`, { method: "POST", body: {} });
  const done = await bob.finished(id);
  expect(done).toMatchObject({
    state: "done",
    set_up: ["make data"],
    set_aside: [".vscode/tasks.json.copied"],
    left_out: [],
  });
  const copied = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  expect(copied.map(({ name }) => name).sort()).toEqual([
    ...["README.md", "devcontainer.json", "tasks.json.copied", "waiide-copy.json"],
  ]);
  expect(readFileSync(join(folder, "README.md"), "utf8")).toBe("# Tides\n");
  expect((await begin(ticket)).status).toBe(404);
  const again = await fetch(new URL(`${ana.guest.path}archive.zip`, origin), {
    headers: { authorization: `Bearer ${ticket}`, "waiide-copy-target": to },
  });
  expect(again.status).toBe(401);
});
