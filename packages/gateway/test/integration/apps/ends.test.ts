import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { get, OneApp, onPort, patience } from "./fixtures/one-app.ts";

let one: OneApp;
beforeEach(() => {
  one = new OneApp();
});
afterEach(() => one.close());

describe("An app nobody uses", () => {
  const fakeTime = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  afterEach(() => void vi.useRealTimers());

  it("is stopped after idle_timeout, counted from its last user, and started again", async () => {
    one.open({ command: onPort, idle_timeout: 300 });
    const first = one.apps.opened("one");
    const { pid } = await get(await one.resolve());
    fakeTime();
    const second = one.apps.opened("one");
    first();
    first();
    vi.advanceTimersByTime(1_000_000);
    expect(one.apps.state("one")).toBe("ready");
    second();
    vi.advanceTimersByTime(200_000);
    one.apps.opened("one")();
    vi.advanceTimersByTime(299_999);
    expect(one.apps.state("one")).toBe("ready");
    vi.advanceTimersByTime(1);
    expect(one.apps.state("one")).toBe("stopped");
    vi.useRealTimers();
    expect((await get(await one.resolve())).pid).not.toBe(pid);
    expect(one.startCount()).toBe(2);
  });

  it("is stopped after idle_timeout though nobody ever came", async () => {
    one.open({ command: onPort, idle_timeout: 0.05 });
    await one.resolve();
    await vi.waitFor(() => expect(one.apps.state("one")).toBe("stopped"), patience);
  });

  it("R22 waits longer than a timer of Node can", async () => {
    one.open({ command: onPort, idle_timeout: 60 * 86_400 });
    const close = one.apps.opened("one");
    await one.resolve();
    fakeTime();
    close();
    vi.advanceTimersByTime(59 * 86_400_000);
    expect(one.apps.state("one")).toBe("ready");
    vi.advanceTimersByTime(86_400_000);
    expect(one.apps.state("one")).toBe("stopped");
  });

  it("keeps running without idle_timeout", async () => {
    one.open({ command: onPort });
    await one.resolve();
    fakeTime();
    one.apps.opened("one")();
    expect(vi.getTimerCount()).toBe(0);
    expect(one.apps.state("one")).toBe("ready");
  });
});

describe("R22 Closing", () => {
  it("ends apps with helpers that ignore SIGTERM, and closes connections", async () => {
    one.open({ command: onPort, environment: { HELPER: "1" } });
    const { backend } = await one.resolve();
    const socket = backend.connect();
    socket.on("error", () => undefined);
    await once(socket, "connect");
    await vi.waitFor(() => expect(one.processes().length).toBeGreaterThanOrEqual(3), patience);
    await one.apps.close();
    expect(socket.destroyed).toBe(true);
    expect(one.processes()).toEqual([]);
    expect(one.apps.state("one")).toBe("stopped");
    await expect(one.resolve()).rejects.toThrow(/shutting down/);
  });

  it("ends an app that is just starting", async () => {
    one.open({ command: onPort, environment: { DELAY: "1000000" } });
    const starting = one.resolve();
    const outcome = starting.catch((error: unknown) => error);
    await vi.waitFor(() => expect(one.startCount()).toBe(1), patience);
    await one.apps.close();
    expect(await outcome).toMatchObject({ code: "APP_FAILED" });
  });

  it.each([
    ["gently", undefined],
    ["with a helper that ignores SIGTERM", "1"],
  ])("by SIGKILL of the gateway leaves nothing behind: %s", async (_how, helper) => {
    one.open({ command: onPort });
    const environment = { STARTS: one.starts, ...(helper === undefined ? {} : { HELPER: helper }) };
    const settings = JSON.stringify({ command: onPort, environment });
    const parent = spawn(process.execPath, [join(import.meta.dirname, "fixtures/parent.ts"), one.folder, settings], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(parent.stdout, "data");
    expect(one.processes().length).toBeGreaterThanOrEqual(helper === undefined ? 1 : 3);
    parent.kill("SIGKILL");
    await vi.waitFor(() => expect(one.processes()).toEqual([]), patience);
  });
});
