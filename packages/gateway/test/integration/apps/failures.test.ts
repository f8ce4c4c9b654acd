import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { failureInterval } from "../../../src/apps/app.ts";
import { get, OneApp, onPort, patience } from "./fixtures/one-app.ts";

let one: OneApp;
beforeEach(() => {
  one = new OneApp();
});
afterEach(() => one.close());

describe("An app that fails", () => {
  it("by ending too early says why, with its last output in error and log", async () => {
    one.open({ command: onPort, environment: { EXIT: "3" } });
    await expect(one.resolve()).rejects.toMatchObject({
      code: "APP_FAILED",
      message: expect.stringMatching(/it ended with exit code 3\. Its last output: first line \/ the reason why$/),
    });
    expect(one.apps.state("one")).toBe("failed");
    expect(one.log.find(({ msg }) => msg === "app failed")).toMatchObject({
      app: "one",
      output: ["first line", "the reason why"],
    });
  });

  it.each([
    ["no-such-program", /“no-such-program” was not found/],
    ["/etc/passwd", /“\/etc\/passwd” may not be executed/],
  ])("because %s is not a program: the error says so", async (command, reason) => {
    one.open({ command: [command] });
    await expect(one.resolve()).rejects.toThrow(reason);
  });

  it("because its working folder is gone: the error says so", async () => {
    one.open({ command: onPort }, { workspace: "/no/such/folder" });
    await expect(one.resolve()).rejects.toThrow(/\/no\/such\/folder/);
  });

  it("by never answering is stopped after its timeout", async () => {
    one.open({ command: onPort, environment: { DELAY: "1000000" }, timeout: 3 });
    await expect(one.resolve()).rejects.toThrow(/did not get ready within 3 seconds: GET \/: connect ECONNREFUSED/);
    expect(one.processes()).toEqual([]);
  });

  it("by answering 500 and above is stopped after its timeout", async () => {
    // The last request gets no answer: the deadline cuts it off, and it is not the reason.
    let asked = 0;
    await using server = createServer((_request, response) => {
      asked += 1;
      if (asked <= 3) response.writeHead(503).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    one.open({ command: ["sleep", "1000"], port, timeout: 3, ready_path: "/live", absolute_url: true });
    await expect(one.resolve()).rejects.toThrow(
      /within 3 seconds: GET \/user\/alice\/apps\/one\/live: it answered 503/,
    );
    expect(one.processes()).toEqual([]);
  });

  it("is ready with any answer below 500", async () => {
    one.open({ command: onPort, environment: { STATUS: "404" } });
    await one.resolve();
    expect(one.apps.state("one")).toBe("ready");
  });

  it("is not started again at once, but later", async () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(1_000_000);
    one.open({ command: onPort, environment: { EXIT: "3" } });
    await expect(one.resolve()).rejects.toThrow(/exit code 3/);
    clock.mockReturnValue(1_000_000 + failureInterval - 1);
    await expect(Promise.all([one.resolve(), one.resolve()])).rejects.toThrow(/exit code 3/);
    expect(one.startCount()).toBe(1);
    clock.mockReturnValue(1_000_000 + failureInterval);
    await expect(one.resolve()).rejects.toThrow(/exit code 3/);
    expect(one.startCount()).toBe(2);
    clock.mockRestore();
  });

  it("by dying later is started again by the next request", async () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(1_000_000);
    one.open({ command: onPort });
    const { pid } = await get(await one.resolve());
    await expect(get(await one.resolve("/exit"))).rejects.toThrow();
    await vi.waitFor(() => expect(one.apps.state("one")).toBe("failed"), patience);
    await expect(one.resolve()).rejects.toThrow(/exit code 9/);
    clock.mockReturnValue(1_000_000 + failureInterval);
    expect((await get(await one.resolve())).pid).not.toBe(pid);
    expect(one.apps.state("one")).toBe("ready");
    expect(one.startCount()).toBe(2);
    clock.mockRestore();
  });

  it("because another program took its port meanwhile gets another port", async () => {
    // The first run gives the port to a program that is not the app, and ends.
    const listening = join(one.folder, "listening");
    const takePort = `STATUS=503 LISTENING=${listening} setsid "$@" & until [ -e ${listening} ]; do sleep 0.05; done; exit 1`;
    one.open({ command: ["sh", "-c", `if [ -e ${one.starts} ]; then exec "$@"; fi; ${takePort}`, "sh", ...onPort] });
    const { pid } = await get(await one.resolve());
    const [other, own] = readFileSync(one.starts, "utf8").split("\n").map(Number);
    expect(own).toBe(pid);
    rmSync(listening);
    process.kill(other as number);
    await vi.waitFor(() => expect(one.processes()).not.toContain(other), patience);
  });
});
