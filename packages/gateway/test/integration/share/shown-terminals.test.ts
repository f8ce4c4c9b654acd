import { writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Audit, CreatedShare, Share, ShownTerminal, TerminalOutput } from "@waiide/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { readRunningRecord } from "../../../src/control/control-server.ts";
import type { SessionClient } from "../../support/guest-client.ts";
import { LiveWindow } from "../../support/live-window.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const size = { columns: 80, rows: 24 };

/** The owner's IDE as far as one terminal goes. */
class OwnerTerminal {
  readonly server: SharingGateway;
  readonly share: string;
  readonly id: string;
  readonly events: string[] = [];
  stream: IncomingMessage | undefined;

  private constructor(server: SharingGateway, share: string, id: string) {
    this.server = server;
    this.share = share;
    this.id = id;
  }

  static async show(server: SharingGateway, { id }: Pick<Share, "id">, name = "bash"): Promise<OwnerTerminal> {
    const answer = await server.api(`/api/share/${id}/terminals`, { method: "POST", body: { name, ...size } });
    if (answer.status !== 201) throw new Error(`not shown: ${answer.status} ${JSON.stringify(answer.body)}`);
    const made = new OwnerTerminal(server, id, (answer.body as ShownTerminal).terminal);
    await made.#listen();
    return made;
  }

  get path(): string {
    return `/api/share/${this.share}/terminals/${this.id}`;
  }

  async write(output: TerminalOutput | string): Promise<number> {
    const body = typeof output === "string" ? { data: output } : output;
    return (await this.server.api(`${this.path}/output`, { method: "POST", body })).status;
  }

  async #listen(): Promise<void> {
    const socketPath = (await readRunningRecord(this.server.dataFolder))?.socket as string;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    httpRequest({ socketPath, path: `${this.path}/events` })
      .on("response", resolve)
      .on("error", reject)
      .end();
    const stream = await promise;
    this.stream = stream;
    stream.on("error", () => undefined);
    createInterface({ input: stream }).on("line", (line) => this.events.push(line));
    onTestFinished(() => void stream.destroy());
  }
}

async function watch(session: SessionClient, terminal: string): Promise<string> {
  const answer = await session.ask("watch-terminal", { terminal, on: true });
  return "code" in answer ? answer.code : "watches";
}

/** What a page's terminal holds. */
function textOf(session: SessionClient): string {
  return session.messages.reduce((text, message) => {
    if (message.type === "terminal-screen") return message.data;
    return message.type === "terminal-output" ? text + message.data : text;
  }, "");
}

function listOf(session: SessionClient): readonly ShownTerminal[] | undefined {
  return session.messages.findLast((message) => message.type === "terminals")?.terminals;
}

async function auditOf(server: SharingGateway, { id }: Pick<CreatedShare, "id">) {
  const { entries } = (await server.api(`/api/share/audit?share=${id}`)).body as Audit;
  return entries.filter(({ event }) => event.endsWith("-terminal")).map(({ event, details }) => [event, details]);
}

describe("a terminal that the owner shows", () => {
  it.each(["view", "edit"] as const)("%s: guests see what it writes, also those who come later", async (permission) => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" } });
    const { share, guest } = await server.enter({ permission });
    const first = await guest.session();
    expect(await first.message("welcome")).toMatchObject({ terminals: [] });
    const shown = await OwnerTerminal.show(server, share);
    await expect.poll(() => listOf(first)).toEqual([{ terminal: shown.id, name: "bash" }]);
    expect(await watch(first, shown.id)).toBe("watches");
    await shown.write("$ ls\r\n");
    await expect.poll(() => textOf(first)).toBe("$ ls\r\n");

    const later = await (await server.guest(share).enter("Carol")).session();
    expect(await later.message("welcome")).toMatchObject({ terminals: [{ terminal: shown.id, name: "bash" }] });
    await watch(later, shown.id);
    await shown.write({ columns: 100, rows: 30 });
    await shown.write("a.txt\r\n");
    await expect.poll(() => textOf(later)).toBe("$ ls\r\na.txt\r\n");
    expect(await later.message("terminal-size")).toMatchObject({ columns: 100, rows: 30 });
    await expect.poll(() => shown.events.at(-2)).toBe('data: {"guests":2}');
  });

  it("guests cannot write to it: no message of theirs reaches it", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" } });
    const { share, guest } = await server.enter({ permission: "edit" });
    const shown = await OwnerTerminal.show(server, share);
    const session = await guest.session();
    await watch(session, shown.id);
    const tries = ["write-terminal", "terminal-output", "terminal-input"];
    for (const method of tries) {
      const answer = await session.ask(method as "stat", { terminal: shown.id, data: "rm -rf /\r" } as never);
      expect(answer).toMatchObject({ code: "INVALID" });
    }
    expect(await session.ask("watch-terminal", { terminal: shown.id, on: true, data: "x" } as never)).toMatchObject({
      code: "INVALID",
    });
    for (const path of [`${shown.path}/output`, `/api/share/${share.id}/terminals`]) {
      const answer = await guest.ask(path, { method: "POST", body: { data: "rm -rf /\r" } });
      expect(answer.status, path).toBe(401);
    }
    session.socket.send(JSON.stringify({ type: "terminal-output", terminal: shown.id, data: "x" }));
    expect((await session.closed).code).toBe(4400);
    expect(textOf(session)).toBe("");
  });

  it("guests of another share neither see it nor learn of it", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" } });
    const { share } = await server.enter({ permission: "view" });
    const { guest: stranger } = await server.enter({ permission: "edit" }, "Eve");
    const session = await stranger.session();
    const shown = await OwnerTerminal.show(server, share);
    await shown.write("secret");
    expect(await watch(session, shown.id)).toBe("NOT_FOUND");
    const later = await stranger.session();
    expect(await later.message("welcome")).toMatchObject({ terminals: [] });
    await shown.write("secret");
    expect(JSON.stringify([session.messages, later.messages])).not.toContain("secret");
    expect(listOf(session)).toBeUndefined();
  });

  it("ends when the owner stops it, and the audit has both", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" } });
    const { share, guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    const shown = await OwnerTerminal.show(server, share, "deploy\u001b]0;x\u0007\n");
    expect((await server.api(shown.path, { method: "DELETE" })).status).toBe(204);
    await expect.poll(() => listOf(session)).toEqual([]);
    expect(await watch(session, shown.id)).toBe("NOT_FOUND");
    expect(await shown.write("more")).toBe(404);
    expect(await auditOf(server, share)).toEqual([
      ["stop-terminal", { terminal: "deploy]0;x" }],
      ["show-terminal", { terminal: "deploy]0;x" }],
    ]);
  });

  it("ends with the owner's page or IDE, which no longer listen", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" } });
    const { share, guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    const shown = await OwnerTerminal.show(server, share);
    shown.stream?.destroy();
    await expect.poll(() => listOf(session)).toEqual([]);
    expect(await shown.write("more")).toBe(404);
  });

  it("ends with its share, and the owner's IDE learns of it", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" } });
    const { share, guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    const shown = await OwnerTerminal.show(server, share);
    await watch(session, shown.id);
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    expect((await session.closed).code).toBe(4411);
    await expect.poll(() => shown.events).toContain('data: {"reason":"share"}');
    expect(await shown.write("secret")).toBe(404);
    expect(textOf(session)).toBe("");
  });

  it("a removed guest sees nothing more", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" } });
    const { share, guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    const { you } = await session.message("welcome");
    const shown = await OwnerTerminal.show(server, share);
    await watch(session, shown.id);
    await server.api(`/api/share/${share.id}/guests/${you.session}`, { method: "DELETE" });
    await shown.write("secret");
    await session.closed;
    expect(textOf(session)).toBe("");
    await expect.poll(() => shown.events.at(-2)).toBe('data: {"guests":0}');
  });

  it("R19: an administrator turns it off, also what is shown already", async () => {
    const server = await SharingGateway.start({ files: { "a.txt": "a" }, watched: true });
    const { share, guest } = await server.enter({ permission: "view" });
    const session = await guest.session();
    const shown = await OwnerTerminal.show(server, share);
    expect((await server.api("/api/share/info")).body).toMatchObject({ terminals: true });
    writeFileSync(join(server.home, "administrator.json"), JSON.stringify({ "share-terminals": false }));
    await expect.poll(() => shown.events).toContain('data: {"reason":"off"}');
    await expect.poll(() => listOf(session)).toEqual([]);
    expect((await server.api("/api/share/info")).body).toMatchObject({ terminals: false });
    await expect(OwnerTerminal.show(server, share)).rejects.toThrow("403");
  });

  it("R14: a share shows so many terminals at once, and no more", async () => {
    const server = await SharingGateway.start({
      files: { "a.txt": "a" },
      flags: { "share-limits": JSON.stringify({ free: 0, free_percent: 0, shown_terminals: 2 }) },
    });
    const share = await server.create({ permission: "view" });
    const [first] = [await OwnerTerminal.show(server, share), await OwnerTerminal.show(server, share)];
    await expect(OwnerTerminal.show(server, share)).rejects.toThrow("409");
    first?.stream?.destroy();
    await expect
      .poll(() =>
        OwnerTerminal.show(server, share).then(
          () => "shown",
          () => "full",
        ),
      )
      .toBe("shown");
  });
});

it("R16: a Terminal Access guest’s IDE watches the terminals of its share, and no others", async () => {
  const server = await SharingGateway.start({ files: { "a.txt": "one\n" } });
  const { share, guest } = await server.enter({ permission: "terminal" }, "Eve");
  const other = await server.create({ permission: "view" });
  const [shown, foreign] = [await OwnerTerminal.show(server, share), await OwnerTerminal.show(server, other)];
  const window = LiveWindow.over(guest.socket("api/live"));
  await window.hello(server.workspace);
  expect((await window.message("terminals")).terminals).toEqual([{ terminal: shown.id, name: "bash" }]);
  const text = () => window.messages.map((message) => ("data" in message ? message.data : "")).join("");
  for (const { id } of [foreign, shown]) window.send({ type: "window-watch", terminal: id, on: true });
  await window.message("terminal-screen");
  await foreign.write("secret");
  await shown.write("$ ls\r\n");
  await window.until(() => text().includes("$ ls"));
  expect(shown.events.join("\n")).toContain('{"guests":1}');

  window.send({ type: "window-watch", terminal: shown.id, on: false });
  await expect.poll(() => shown.events.join("\n").split('{"guests":0}').length, { timeout: 10_000 }).toBe(3);
  await server.api(shown.path, { method: "DELETE" });
  await window.until(() => window.messages.some((one) => one.type === "terminals" && one.terminals.length === 0));
  expect(text()).not.toContain("secret");
});
