import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { GatewayError } from "../../../src/base/errors.ts";
import { askRunningGateway } from "../../../src/control/control-client.ts";
import { ask, backend, startGateway, temporaryFolder, token } from "../../support/gateway-without-ide.ts";

describe("life", () => {
  it("reports its health over the control socket without a login", async () => {
    const folder = temporaryFolder();
    const gateway = await startGateway({ auth: "token", token }, { folder });
    const data = join(folder, "data", "gateway", "_");
    expect(await askRunningGateway(data, "/api/status")).toMatchObject({ status: 200 });
    const record = join(data, "running.json");
    expect(existsSync(record)).toBe(true);
    // A damaged record is reported and left as it is; the next start writes it anew.
    const whole = readFileSync(record, "utf8");
    for (const damaged of ["", "{", '{"socket": 7}', "null"]) {
      writeFileSync(record, damaged);
      await expect(askRunningGateway(data, "/api/health")).rejects.toMatchObject({ code: "RECORD_DAMAGED" });
      expect(readFileSync(record, "utf8")).toBe(damaged);
    }
    writeFileSync(record, whole);
    await gateway.close();
    expect(existsSync(record)).toBe(false);
    await expect(askRunningGateway(data, "/api/health")).rejects.toMatchObject({ code: "NOT_RUNNING" });
    await expect(ask(gateway, "/api")).rejects.toThrow(/ECONNREFUSED/);
  });

  it("a foreign answer is an error in words", async () => {
    const folder = temporaryFolder();
    const socket = join(folder, "other.sock");
    let answer = { status: 200, body: "" };
    const other = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    other.listen(socket);
    await once(other, "listening");
    for (const [status, body] of [
      [200, "<html>"],
      [200, '{"half":'],
      [200, "null"],
      [502, ""],
    ] as const) {
      answer = { status, body };
      await expect(askRunningGateway(folder, "/api/health", { socket })).rejects.toMatchObject({
        code: "ANSWER_UNREADABLE",
        message: expect.stringContaining(`did not answer as expected at ${socket}: `),
      });
    }
    answer = { status: 204, body: "" };
    expect(await askRunningGateway(folder, "/api/x", { socket })).toEqual({ status: 204, body: undefined });
    other.close();
  });

  it("closes open WebSockets and stalled downloads with it", async () => {
    const server = createServer((_request, response) => response.writeHead(200).flushHeaders());
    new WebSocketServer({ server });
    const port = await backend(server);
    const gateway = await startGateway();
    const client = new WebSocket(`${gateway.url.replace("http", "ws")}proxy/${port}/`, {
      origin: new URL(gateway.url).origin,
    });
    await once(client, "open");
    const download = await fetch(`${gateway.url}proxy/${port}/`);
    const closed = once(client, "close");
    await gateway.close();
    await closed;
    await expect(download.text()).rejects.toThrow();
  });

  it("names a busy port, and leaves nothing behind then either", async () => {
    const gateway = await startGateway();
    const { port } = new URL(gateway.url);
    const data = join(temporaryFolder(), "second");
    const error = await startGateway({ port, "data-dir": data }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: "PORT_BUSY", exit: 1 });
    expect(existsSync(data)).toBe(false);
  });
});
