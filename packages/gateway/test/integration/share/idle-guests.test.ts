import { type Status, sessionClose } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n", "src/b.py": "print('b')\n", ".env": "KEY=1\n" };

describe("R20: activity and idle guests", () => {
  const activity = async (server: SharingGateway) =>
    Date.parse(((await server.api("/api/status")).body as Status).last_activity);

  it.each([
    ["view", false],
    ["edit", true],
  ] as const)("input at %s counts: %s", async (permission, counts) => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission });
    const session = await guest.session();
    const before = await activity(server);
    await expect.poll(() => Date.now()).toBeGreaterThan(before + 5);
    await session.ask("presence", { path: null, visible: true, input: true });
    expect((await activity(server)) > before).toBe(counts);
  });

  it("what is refused to a View Only guest does not count", async () => {
    const server = await SharingGateway.start({ files });
    const { guest } = await server.enter({ permission: "view" });
    const before = await activity(server);
    await expect.poll(() => Date.now()).toBeGreaterThan(before + 5);
    expect((await guest.ask("ide/", { headers: { "sec-fetch-user": "?1" } })).status).toBe(403);
    expect(await activity(server)).toBe(before);
  });

  it("a page without input is put to sleep, one with input is not", async () => {
    const server = await SharingGateway.start({
      files,
      flags: { "share-limits": JSON.stringify({ free: 0, free_percent: 0, idle: 5 }) },
    });
    const { guest } = await server.enter({ permission: "view" });
    const [busy, idle] = [await guest.session(), await guest.session()];
    const failures: unknown[] = [];
    const input = setInterval(() => {
      busy.ask("presence", { path: null, visible: true, input: true }).catch((error) => failures.push(error));
    }, 100);
    onTestFinished(() => clearInterval(input));
    expect((await idle.closed).code).toBe(sessionClose.idle);
    expect(busy.socket.readyState).toBe(busy.socket.OPEN);
    expect(failures).toEqual([]);
  });
});
