import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { checkServerIdentity, connect as connectTls, type TLSSocket } from "node:tls";
import pino from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { askRunningGateway } from "../../../src/control/control-client.ts";
import { SelfSignedCertificate } from "../../../src/http/listening/self-signed.ts";
import { startGateway, temporaryFolder, token } from "../../support/gateway-without-ide.ts";

const logger = pino({ level: "silent" });

async function askSocket(socketPath: string, path: string, headers: Record<string, string> = {}) {
  const request = httpRequest({ socketPath, path, headers, agent: false }).end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** A program that listened on a unix socket and was killed leaves its file. */
function leaveSocket(file: string): void {
  const script = `require("net").createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, "SIGKILL"))`;
  try {
    execFileSync(process.execPath, ["-e", script], { stdio: "ignore" });
  } catch (error) {
    if ((error as { signal?: string }).signal !== "SIGKILL") throw error;
  }
}

describe("--socket", () => {
  it("listens on a file of that mode and on no port, and removes the file at the end", async () => {
    const folder = temporaryFolder();
    const socket = join(folder, "waiide.sock");
    const gateway = await startGateway({ socket, "socket-mode": "660", auth: "token", token }, { folder });
    expect([lstatSync(socket).isSocket(), statSync(socket).mode & 0o777]).toEqual([true, 0o660]);
    expect((await askSocket(socket, "/healthz")).status).toBe(200);
    expect((await askSocket(socket, "/api/status")).status).toBe(401);
    // Whoever may open the file is a proxy, which says how the browser came.
    const login = await askSocket(socket, `/?token=${token}`, { "x-forwarded-proto": "https" });
    expect(login.headers["set-cookie"]?.[0]).toContain("; Secure");
    expect((await askRunningGateway(join(folder, "data", "gateway", "_"), "/api/status")).status).toBe(200);
    expect(existsSync(join(folder, "data", "gateway", "_", "webview-port"))).toBe(false);
    expect(gateway.url).toBe("http://localhost/");
    await gateway.close();
    expect(existsSync(socket)).toBe(false);
  });

  it("takes the place of a socket on which nobody listens any more", async () => {
    const folder = temporaryFolder();
    const socket = join(folder, "waiide.sock");
    leaveSocket(socket);
    expect(lstatSync(socket).isSocket()).toBe(true);
    await startGateway({ socket }, { folder });
    expect((await askSocket(socket, "/healthz")).status).toBe(200);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  it("leaves another program's socket and every other file as they are", async () => {
    const folder = temporaryFolder();
    const socket = join(folder, "other.sock");
    const other = createServer((client) => client.on("error", () => client.destroy()).end("other"));
    other.listen(socket);
    await once(other, "listening");
    onTestFinished(() => void other.close());
    await expect(startGateway({ socket }, { folder })).rejects.toMatchObject({ code: "SOCKET_BUSY" });
    expect(lstatSync(socket).isSocket()).toBe(true);
    const file = join(folder, "notes.txt");
    writeFileSync(file, "mine");
    await expect(startGateway({ socket: file }, { folder })).rejects.toMatchObject({ code: "SOCKET_UNUSABLE" });
    expect(readFileSync(file, "utf8")).toBe("mine");
    const nowhere = join(folder, "none", "waiide.sock");
    await expect(startGateway({ socket: nowhere }, { folder })).rejects.toMatchObject({ code: "SOCKET_UNUSABLE" });
    const long = join(folder, "a".repeat(90));
    await expect(startGateway({ socket: long }, { folder })).rejects.toMatchObject({ code: "SOCKET_UNUSABLE" });
  });

  it("at its end it leaves a file that took the place of its own", async () => {
    const folder = temporaryFolder();
    const socket = join(folder, "waiide.sock");
    const gateway = await startGateway({ socket }, { folder });
    execFileSync("rm", [socket]);
    writeFileSync(socket, "mine");
    await gateway.close();
    expect(readFileSync(socket, "utf8")).toBe("mine");
  });
});

describe("--tls-self-signed", () => {
  async function peerOf(url: string): Promise<TLSSocket> {
    const { hostname, port } = new URL(url);
    const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
    await once(socket, "secureConnect");
    onTestFinished(() => void socket.destroy());
    return socket;
  }

  it("serves HTTPS with a certificate for its own names, the same at each start", async () => {
    const folder = temporaryFolder();
    const flags = { "tls-self-signed": "true", "allowed-hosts": "ide.example", auth: "token", token } as const;
    const gateway = await startGateway(flags, { folder });
    const file = join(folder, "data", "gateway", "_", "tls-self-signed.pem");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const certificate = (await peerOf(gateway.url)).getPeerCertificate();
    expect(certificate.fingerprint256).toBe(gateway.fingerprint);
    for (const name of ["localhost", "127.0.0.1", "::1", "ide.example"]) {
      expect(checkServerIdentity(name, certificate), name).toBeUndefined();
    }
    expect(checkServerIdentity("evil.example", certificate)).toBeDefined();
    // A client that knows this certificate trusts it, and cookies are for HTTPS alone.
    const request = httpsRequest(`${gateway.url}?token=${token}`, { ca: readFileSync(file), agent: false }).end();
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.headers["set-cookie"]?.[0]).toContain("; Secure");
    await gateway.close();
    expect((await startGateway(flags, { folder })).fingerprint).toBe(gateway.fingerprint);
    const more = await startGateway({ ...flags, "allowed-hosts": "other.example" }, { folder });
    expect(more.fingerprint).not.toBe(gateway.fingerprint);
  });

  it("is made anew before it expires, also in use, and where its file is damaged", async () => {
    const file = join(temporaryFolder(), "tls.pem");
    const names = ["localhost", "*.example.org"];
    let now = Date.now();
    const open = () => SelfSignedCertificate.open({ file, names, logger, clock: () => now });
    const first = await open();
    expect(existsSync(file)).toBe(false);
    await first.start();
    onTestFinished(() => first.close());
    const renewed: Buffer[] = [];
    first.onRenewal(({ cert }) => renewed.push(cert));
    now += 365 * 24 * 3_600_000;
    await first.renew();
    expect(renewed).toEqual([]);
    const before = first.fingerprint;
    expect((await open()).fingerprint).toBe(before);
    now += 2 * 24 * 3_600_000;
    await first.renew();
    expect([renewed.length, first.fingerprint === before]).toEqual([1, false]);
    expect(readFileSync(file)).toEqual(renewed[0]);
    expect((await open()).fingerprint).toBe(first.fingerprint);
    writeFileSync(file, "no certificate");
    expect((await open()).fingerprint).not.toBe(first.fingerprint);
  });
});
