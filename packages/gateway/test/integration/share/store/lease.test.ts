import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ShareStore } from "../../../../src/share/store/store.ts";
import type { LeaseHolder } from "../../../../src/system/lease.ts";
import { shareChange } from "../../../support/share-records.ts";
import { becomes, OpenStores, StoreProcess } from "./store-process.ts";

let folder: string;
let lease: string;
const stores = new OpenStores();
const { open } = stores;
let processes: StoreProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-store-"));
  lease = join(folder, "shares.lease");
  processes = [];
});

afterEach(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await stores.close();
  rmSync(folder, { recursive: true });
});

/** Another gateway, in a process of its own, that has opened the store or tried to. */
async function startGateway(): Promise<StoreProcess> {
  const process = new StoreProcess("hold", folder);
  processes.push(process);
  await process.tells(({ kind }) => kind !== undefined);
  return process;
}

async function idsIn(store: ShareStore): Promise<string[]> {
  return (await store.load()).shares.map(({ id }) => id);
}

function holder(): LeaseHolder {
  return JSON.parse(readFileSync(lease, "utf8")) as LeaseHolder;
}

/** The lease of somebody else, put where ours is or none was, and as old as said. Milliseconds. */
function leaveLease(more: Partial<LeaseHolder>, age: number): void {
  const somebody = { host: "elsewhere", pid: 4711, started: "1", boot: "b", namespace: "n", token: "t", since: "then" };
  leaveText(JSON.stringify({ ...somebody, ...more }), age);
}

function leaveText(text: string, age: number): void {
  writeFileSync(`${lease}-new`, text);
  const touched = Date.now() / 1000 - age / 1000;
  utimesSync(`${lease}-new`, touched, touched);
  renameSync(`${lease}-new`, lease);
}

describe("R21 one writer", () => {
  it("a second gateway names the store's holder, and takes over when that is killed", async () => {
    const first = await startGateway();
    expect(first.told[0]).toMatchObject({ kind: "ready" });
    await first.commits("by the first");
    const second = await open(folder);
    expect(second.status).toMatchObject({ kind: "unavailable", trouble: "held" });
    expect(second.status).toMatchObject({
      reason: expect.stringContaining(`process ${first.child.pid} on ${hostname()}`),
    });
    await expect(second.commit([shareChange("by the second")])).rejects.toMatchObject({ code: "SHARING_UNAVAILABLE" });
    await expect(second.load()).rejects.toMatchObject({ code: "SHARING_UNAVAILABLE" });
    expect(await first.commits("again")).toMatchObject({ committed: "again" });

    await first.kill();
    await becomes(second, "ready");
    await second.commit([shareChange("by the second")]);
    expect(await idsIn(second)).toEqual(["again", "by the first", "by the second"]);
  });

  it("a second gateway takes over when the first is closed", async () => {
    const first = await startGateway();
    const second = await open(folder);
    await first.close();
    await becomes(second, "ready");
    expect(holder().pid).toBe(process.pid);
  });

  it("the successor of a killed gateway starts at once", async () => {
    const first = await startGateway();
    await first.commits("s");
    await first.kill();
    // It would try again only after an hour.
    const second = await open(folder, { timing: { retry: 3_600_000 } });
    expect(second.status).toMatchObject({ kind: "ready" });
    expect(await idsIn(second)).toEqual(["s"]);
  });

  it("of many that start at once after a kill, exactly one is ready", async () => {
    for (let round = 0; round < 3; round += 1) {
      const first = new StoreProcess("hold", folder);
      await first.tells(({ kind }) => kind === "ready");
      await first.kill();
      const many = await Promise.all(Array.from({ length: 5 }, () => startGateway()));
      await Promise.all(many.map((one) => one.commits("s")));
      expect(many.filter(({ told }) => told.some(({ committed }) => committed === "s"))).toHaveLength(1);
      await Promise.all(many.map((one) => one.kill()));
    }
  });

  it("two stores of one process exclude each other, too", async () => {
    const first = await open(folder);
    const second = await open(folder);
    expect(second.status).toMatchObject({ trouble: "held" });
    await first.close();
    await becomes(second, "ready");
  });
});

describe("R21 the lease", () => {
  it("of another machine holds while its holder gives signs of life", async () => {
    leaveLease({}, 20_000);
    const store = await open(folder);
    expect(store.status).toMatchObject({ trouble: "held", reason: expect.stringContaining("4711 on elsewhere") });
    expect(existsSync(join(folder, "shares.sqlite"))).toBe(false);
    leaveLease({}, 70_000);
    await becomes(store, "ready");
    expect(holder()).toMatchObject({ pid: process.pid, host: hostname() });
  });

  it("of an ended process on this machine is void, even if its id is used again", async () => {
    const first = await open(folder);
    const { boot, namespace } = holder();
    await first.close();
    leaveLease({ pid: process.pid, started: "1", boot, namespace }, 0);
    expect((await open(folder)).status).toMatchObject({ kind: "ready" });
  });

  it("of another container here is not judged by process ids", async () => {
    const first = await open(folder);
    const { boot, host } = holder();
    await first.close();
    leaveLease({ pid: 2 ** 22 + 1, host, boot, namespace: "pid:[1]" }, 0);
    expect((await open(folder)).status).toMatchObject({ trouble: "held" });
  });

  it.each(["", "{}", '"text"', '{"pid":1}'])("that cannot be read (%j) is valid until it is old", async (text) => {
    leaveText(text, 0);
    const store = await open(folder);
    expect(store.status).toMatchObject({ trouble: "held" });
    leaveText(text, 70_000);
    await becomes(store, "ready");
  });

  it("that is a link to nowhere holds, and nobody waits for it", async () => {
    symlinkSync("nowhere", lease);
    const store = await open(folder);
    expect(store.status).toMatchObject({ trouble: "held" });
    unlinkSync(lease);
    await becomes(store, "ready");
  });

  it("is given signs of life, and leaves nothing else behind", async () => {
    const store = await open(folder, { timing: { heartbeat: 20 } });
    const first = statSync(lease).mtimeMs;
    while (statSync(lease).mtimeMs === first) await store.commit([]);
    expect(holder().pid).toBe(process.pid);
    expect(existsSync(`${lease}.${holder().token}`)).toBe(false);
  });

  it("that somebody took over stops us before the next transaction", async () => {
    const store = await open(folder);
    await store.commit([shareChange("ours")]);
    leaveLease({}, 0);
    await expect(store.commit([shareChange("too late")])).rejects.toThrow(/took the shares over.*4711 on elsewhere/);
    // It says at first that it was lost, then who holds it now.
    await becomes(store, "held");
    unlinkSync(lease);
    expect(await becomes(store, "ready")).toEqual({ kind: "ready", opening: 2 });
    expect(await idsIn(store)).toEqual(["ours"]);
  });

  it("that somebody took over is noticed without any transaction", async () => {
    const store = await open(folder, { timing: { heartbeat: 20 } });
    leaveLease({}, 0);
    await becomes(store, "held");
    expect(holder().host).toBe("elsewhere");
    await store.close();
    expect(holder().host).toBe("elsewhere");
  });

  it("is not the only guard: only the last opener's transactions succeed", async () => {
    const store = await open(folder);
    const other = new DatabaseSync(join(folder, "shares.sqlite"), { timeout: 10_000 });
    other.exec("UPDATE writer SET token = 'of somebody else'");
    other.close();
    await expect(store.commit([shareChange("s")])).rejects.toThrow(/another gateway has taken the shares over/);
    await becomes(store, "ready");
    expect(await idsIn(store)).toEqual([]);
  });

  it("of a long-stopped gateway is taken over; after it wakes up it writes nothing", async () => {
    const stopped = await startGateway();
    await stopped.commits("before");
    stopped.child.kill("SIGSTOP");
    // As if it were on another machine.
    leaveLease({ ...holder(), boot: "another" }, 70_000);
    const store = await open(folder);
    expect(store.status).toMatchObject({ kind: "ready" });
    await store.commit([shareChange("meanwhile")]);
    stopped.child.kill("SIGCONT");
    expect(await stopped.commits("after")).toMatchObject({ refused: "after" });
    expect(await idsIn(store)).toEqual(["before", "meanwhile"]);
    expect(holder().pid).toBe(process.pid);
  });
});
