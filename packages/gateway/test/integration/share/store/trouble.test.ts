import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrations } from "../../../../src/share/store/schema.ts";
import type { ShareStore } from "../../../../src/share/store/store.ts";
import { auditChange, shareChange } from "../../../support/share-records.ts";
import { becomes, bundleStoreProcess, OpenStores, StoreProcess } from "./store-process.ts";

const run = promisify(execFile);

let folder: string;
let file: string;
const stores = new OpenStores();
const { open } = stores;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-store-"));
  file = join(folder, "shares.sqlite");
});

afterEach(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

/** A store with so many shares, closed again. */
async function makeStore(count = 1): Promise<void> {
  const store = await open(folder);
  await store.commit(Array.from({ length: count }, (_, index) => shareChange(`s${index}`, { note: "n".repeat(200) })));
  await store.close();
}

/** As another program would that uses the file; the store may be at work at first. */
function lockDatabase(): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  database.exec("BEGIN EXCLUSIVE");
  return database;
}

async function idsIn(store: ShareStore): Promise<string[]> {
  return (await store.load()).shares.map(({ id }) => id);
}

/** Names and bytes of all files. */
function contentOf(place: string): Record<string, string> {
  return Object.fromEntries(readdirSync(place).map((name) => [name, readFileSync(join(place, name), "base64")]));
}

describe("R21 a store that stalls", () => {
  it("for 10 s is given up after 5, delays nobody, and is not executed later", async () => {
    const store = await open(folder, { timing: { patience: 5_000 } });
    await store.commit([shareChange("before")]);
    const eventLoop = monitorEventLoopDelay({ resolution: 10 });
    eventLoop.enable();
    const other = lockDatabase();
    const begin = performance.now();
    const asked = [shareChange("first"), shareChange("second")].map((change) => store.commit([change]));
    const outcomes = await Promise.allSettled([...asked, store.load()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(outcomes[0]).toMatchObject({ reason: { code: "SHARING_UNAVAILABLE", status: 503 } });
    expect(performance.now() - begin).toBeGreaterThan(4_900);
    expect(store.status).toMatchObject({ trouble: "stalled", reason: "it has not answered for 5 seconds" });
    const refusedAt = performance.now();
    await expect(store.commit([shareChange("third")])).rejects.toMatchObject({ code: "SHARING_UNAVAILABLE" });
    expect(performance.now() - refusedAt).toBeLessThan(4_500);
    // The stall of issue 5; there is no event to wait for.
    await delay(10_000 - (performance.now() - begin));
    other.exec("ROLLBACK");
    other.close();
    expect(await becomes(store, "ready")).toEqual({ kind: "ready", opening: 1 });
    eventLoop.disable();
    expect(eventLoop.max / 1e6).toBeLessThan(4_500);
    await store.commit([shareChange("after")]);
    expect(await idsIn(store)).toEqual(["after", "before"]);
  });

  it("for a moment only answers late", async () => {
    const store = await open(folder);
    const other = lockDatabase();
    const asked = store.commit([shareChange("s")]);
    await delay(100);
    other.exec("ROLLBACK");
    other.close();
    await asked;
    expect(await idsIn(store)).toEqual(["s"]);
  });

  it("closes, and returns its lease", async () => {
    const store = await open(folder, { timing: { patience: 1_000 } });
    const other = lockDatabase();
    const asked = store.commit([shareChange("s")]);
    await Promise.all([expect(asked).rejects.toThrow("Sharing is not available"), store.close()]);
    other.close();
    expect(readdirSync(folder)).not.toContain("shares.lease");
    expect(await idsIn(await open(folder))).toEqual([]);
  });
});

describe("R21 a full disk", () => {
  const ballast = "ballast";
  let place: string;
  let isMounted: boolean;

  beforeEach(async () => {
    place = join(folder, "small");
    mkdirSync(place, { mode: 0o700 });
    // Where mounting is not allowed, the store's own limit stands for that of the disk: SQLite says the same then.
    isMounted = await run("mount", ["-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", place]).then(
      () => true,
      () => false,
    );
    if (isMounted) writeFileSync(join(place, ballast), Buffer.alloc(256 * 1024));
  });

  afterEach(async () => {
    await stores.close();
    if (isMounted) await run("umount", [place]);
  });

  const limit = 160 * 1024;

  it("refuses when full, keeps what it acknowledged, and resumes with free space", async () => {
    const store = await open(place, isMounted ? {} : { maxSize: limit });
    const kept: string[] = [];
    const commit = (id: string, size: number) =>
      store.commit([shareChange(id, { note: "n".repeat(size) }), auditChange(id)]).then(
        () => kept.push(id),
        (error: unknown) => error,
      );
    let refusal: unknown;
    for (let count = 0; store.status.kind === "ready"; count += 1) refusal = await commit(`s${count}`, 10_000);
    expect(refusal).toMatchObject({ code: "SHARING_UNAVAILABLE" });
    expect(store.status).toMatchObject({ trouble: "full" });
    expect(String(refusal)).toMatch(/no space left/);
    // A group of which one fits: that one is stored. Reading goes on.
    await Promise.all([commit("small", 1), commit("large", 100_000)]);
    expect(kept).not.toContain("large");
    expect((await idsIn(store)).sort()).toEqual(kept.sort());
    expect((await store.audit({ limit: 1_000 })).map(({ share }) => share).sort()).toEqual(kept.sort());

    if (isMounted) rmSync(join(place, ballast));
    else await store.close();
    const next = isMounted ? store : await open(place);
    await becomes(next, "ready");
    await next.commit([shareChange("after", { note: "n".repeat(10_000) })]);
    expect((await idsIn(next)).sort()).toEqual([...kept, "after"].sort());
  });

  it("is reported if the store cannot be created", async () => {
    if (isMounted) {
      const filler = join(place, "filler");
      for (let size = 256 * 1024; size >= 4096; ) {
        try {
          writeFileSync(filler, Buffer.alloc(size), { flag: "a" });
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
          size /= 2;
        }
      }
    }
    const store = await open(place, isMounted ? {} : { maxSize: 4096 });
    if (isMounted) {
      expect(store.status).toMatchObject({ trouble: "full" });
      rmSync(join(place, ballast));
      await becomes(store, "ready");
    }
    await store.commit([]);
  });
});

describe("R21 a store that cannot be written", () => {
  /** Runs the bundled store as an unprivileged user; anyone but root already is one. */
  async function asSomebody(data: string): Promise<StoreProcess> {
    const tools = join(folder, "tools");
    const program = await bundleStoreProcess(tools);
    const node = join(tools, "node");
    copyFileSync(process.execPath, node);
    chmodSync(folder, 0o755);
    const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
    return new StoreProcess("once-closed", data, { program, node, ...user });
  }

  async function outcomeIn(data: string): Promise<unknown[]> {
    const before = contentOf(data);
    const process = await asSomebody(data);
    await process.ended;
    expect(process.child.exitCode).toBe(0);
    const [first, second] = process.told;
    expect(first?.uid).not.toBe(0);
    expect(contentOf(data)).toEqual(before);
    return [first?.kind, first?.trouble, first?.reason, second?.refused];
  }

  it("is read-only where its folder is, and changes nothing", async () => {
    const data = join(folder, "data");
    await (await open(data)).close();
    chmodSync(data, 0o555);
    for (const name of readdirSync(data)) chmodSync(join(data, name), 0o444);
    const outcome = await outcomeIn(data);
    expect(outcome).toEqual(["unavailable", "read-only", expect.stringContaining("cannot be written"), "one"]);
    chmodSync(data, 0o700);
  });

  it("is read-only where only the database is, and changes nothing", async () => {
    const data = join(folder, "data");
    await (await open(data)).close();
    if (process.getuid?.() === 0) chownSync(data, 1000, 1000);
    for (const name of readdirSync(data)) chmodSync(join(data, name), 0o444);
    const outcome = await outcomeIn(data);
    expect(outcome).toEqual(["unavailable", "read-only", expect.stringContaining("shares.sqlite"), "one"]);
  });

  it("works as that user in its own folder: the bundle finds its thread", async () => {
    const data = join(folder, "data");
    mkdirSync(data, { mode: 0o700 });
    if (process.getuid?.() === 0) chownSync(data, 1000, 1000);
    const process_ = await asSomebody(data);
    await process_.ended;
    expect(process_.told.map(({ kind, committed }) => kind ?? committed)).toEqual(["ready", "one", "unavailable"]);
    expect(statSync(file.replace(folder, data)).mode & 0o777).toBe(0o600);
  });
});

describe("R21 a damaged store", () => {
  async function staysAsItIs(reason: RegExp, trouble: "corrupt" | "newer" = "corrupt"): Promise<ShareStore> {
    const before = contentOf(folder);
    const store = await open(folder);
    expect(store.status).toMatchObject({ kind: "unavailable", trouble, reason: expect.stringMatching(reason) });
    expect(store.status).toMatchObject({ reason: expect.stringContaining(file) });
    await expect(store.load()).rejects.toMatchObject({ code: "SHARING_UNAVAILABLE" });
    await expect(store.commit([shareChange("s")])).rejects.toMatchObject({ code: "SHARING_UNAVAILABLE" });
    expect(contentOf(folder)).toEqual(before);
    return store;
  }

  it("that is not a database is named, unchanged, and used again once corrected", async () => {
    await makeStore();
    const healthy = readFileSync(file);
    writeFileSync(file, "Nothing that SQLite can read, and long enough to be something. ".repeat(100));
    const store = await staysAsItIs(/is damaged.*left as it is/);
    writeFileSync(file, healthy);
    await becomes(store, "ready");
    expect(await idsIn(store)).toEqual(["s0"]);
  });

  it("with a damaged page is found when it is opened", async () => {
    await makeStore(500);
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 5 * 4096 + 100, bytes.length - 4096);
    writeFileSync(file, bytes);
    await staysAsItIs(/is damaged/);
  });

  it("with invalid records is found when it is opened", async () => {
    await makeStore();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA ignore_check_constraints = ON; UPDATE shares SET level = 'owner'");
    database.close();
    await staysAsItIs(/is damaged.*CHECK constraint/);
  });

  it("of another program is left alone", async () => {
    const database = new DatabaseSync(file);
    database.exec("CREATE TABLE shares (price REAL)");
    database.close();
    await staysAsItIs(/of another program/);
  });

  it("of a newer version is left alone", async () => {
    await makeStore();
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    database.close();
    await staysAsItIs(/newer version of WAIIDE/, "newer");
  });

  it("that breaks in use is reported, and not replaced", async () => {
    const store = await open(folder);
    await store.commit([shareChange("s")]);
    rmSync(file);
    await expect(store.commit([shareChange("t")])).rejects.toThrow(/moved or replaced/);
    expect(store.status).toMatchObject({ kind: "unavailable", trouble: "failed" });
    while (!JSON.stringify(store.status).includes("was removed while it was in use")) await once(store, "change");
    expect(readdirSync(folder)).not.toContain("shares.sqlite");
  });
});
