import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type CreateShare, type Level, levels, sessionClose } from "@waiide/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GuestClient, SessionClient } from "../../support/guest-client.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";
import { pictureOf } from "../workspace/harness.ts";

/** What is tried, where its target is, and who may do it in a live share: the rows of DESIGN §3.3. */
interface Trial {
  readonly name: string;
  /** Who may, by level; `-` none. */
  readonly view: Places;
  readonly edit: Places;
  readonly run: (guest: GuestClient, session: SessionClient) => Promise<unknown>;
}

/** In which scopes: w(orkspace), f(older) `src`, F(ile) `src/a.txt`, s(election) of its second line. */
type Places = "wfFs" | "wfF" | "wf" | "w" | "F" | "s" | "Fs" | "-";

const letters = { workspace: "w", folder: "f", file: "F", selection: "s" } as const;
type ScopeName = keyof typeof letters;

const files = {
  "top.txt": "top\n",
  "src/a.txt": "one\ntwo\nthree\n",
  "src/b.txt": "bee\n",
  "src/deep/c.txt": "sea\n",
  "src/.env": "KEY=secret\n",
  "src/.vscode/tasks.json": "{}\n",
};

const places: Readonly<Record<ScopeName, Partial<CreateShare>>> = {
  workspace: {},
  folder: { file: "src" },
  file: { file: "src/a.txt" },
  selection: { file: "src/a.txt", line: 2, end_line: 2 },
};

let server: SharingGateway;
let port: number;
let closeBackend: () => void;

beforeEach(async () => {
  // Before anything takes hold of the clock. Timers stay real: only what time it is can be set.
  vi.useFakeTimers({ toFake: ["Date"] });
  const backend = createServer((_request, response) => response.end("backend"));
  const { promise, resolve } = Promise.withResolvers<void>();
  backend.listen(0, "127.0.0.1", resolve);
  await promise;
  port = (backend.address() as AddressInfo).port;
  closeBackend = () => backend.close().closeAllConnections();
  server = await SharingGateway.start({ files });
});
afterEach(() => {
  closeBackend();
  vi.useRealTimers();
});

/** The version that a guest sees of a file, for writes that are refused for other reasons than it. */
async function versionOf(session: SessionClient, path: string): Promise<string> {
  const read = await session.ask("read", { path });
  return "content" in read ? read.version : "0".repeat(64);
}

async function write(session: SessionClient, path: string, content: string): Promise<unknown> {
  const base = await versionOf(session, path);
  return session.ask("write", { path, base, content, encoding: "utf8" });
}

const own: readonly Trial[] = [
  { name: "list the root", view: "w", edit: "w", run: (_g, s) => s.ask("list", { path: "" }) },
  { name: "list a folder", view: "wf", edit: "wf", run: (_g, s) => s.ask("list", { path: "src" }) },
  { name: "stat the file", view: "wfFs", edit: "wfFs", run: (_g, s) => s.ask("stat", { path: "src/a.txt" }) },
  { name: "read the file", view: "wfFs", edit: "wfFs", run: (_g, s) => s.ask("read", { path: "src/a.txt" }) },
  { name: "read its neighbour", view: "wf", edit: "wf", run: (_g, s) => s.ask("read", { path: "src/b.txt" }) },
  { name: "read above the folder", view: "w", edit: "w", run: (_g, s) => s.ask("read", { path: "top.txt" }) },
  { name: "read above the root", view: "-", edit: "-", run: (_g, s) => s.ask("read", { path: "../file" }) },
  { name: "read a hidden file", view: "-", edit: "-", run: (_g, s) => s.ask("read", { path: "src/.env" }) },
  { name: "watch the file", view: "wfFs", edit: "wfFs", run: (_g, s) => s.ask("watch", { path: "src/a.txt" }) },
  { name: "watch a folder", view: "wf", edit: "wf", run: (_g, s) => s.ask("watch", { path: "src" }) },
  {
    name: "say where one is",
    view: "wfFs",
    edit: "wfFs",
    run: (_g, s) => s.ask("presence", { path: null, visible: true, input: false }),
  },
  { name: "write the file", view: "-", edit: "wfFs", run: (_g, s) => write(s, "src/a.txt", "2\n") },
  { name: "write its neighbour", view: "-", edit: "wf", run: (_g, s) => write(s, "src/b.txt", "B\n") },
  { name: "write above the folder", view: "-", edit: "w", run: (_g, s) => write(s, "top.txt", "T\n") },
  {
    name: "write a protected file",
    view: "-",
    edit: "-",
    run: (_g, s) => write(s, "src/.vscode/tasks.json", '{"evil": 1}'),
  },
  {
    name: "make a file by writing",
    view: "-",
    edit: "wf",
    run: (_g, s) => s.ask("write", { path: "src/made.txt", base: null, content: "m", encoding: "utf8" }),
  },
  {
    name: "create a file",
    view: "-",
    edit: "wf",
    run: (_g, s) => s.ask("create", { path: "src/n.txt", kind: "file" }),
  },
  {
    name: "create a folder",
    view: "-",
    edit: "wf",
    run: (_g, s) => s.ask("create", { path: "src/n", kind: "folder" }),
  },
  {
    name: "create above the folder",
    view: "-",
    edit: "w",
    run: (_g, s) => s.ask("create", { path: "n", kind: "file" }),
  },
  {
    name: "create a protected folder",
    view: "-",
    edit: "-",
    run: (_g, s) => s.ask("create", { path: "src/.git", kind: "folder" }),
  },
  {
    name: "rename",
    view: "-",
    edit: "wf",
    run: (_g, s) => s.ask("rename", { from: "src/b.txt", to: "src/b2.txt" }),
  },
  {
    name: "rename out of the folder",
    view: "-",
    edit: "w",
    run: (_g, s) => s.ask("rename", { from: "src/deep/c.txt", to: "c.txt" }),
  },
  {
    name: "rename into the hidden",
    view: "-",
    edit: "-",
    run: (_g, s) => s.ask("rename", { from: "src/a.txt", to: "src/.env" }),
  },
  {
    name: "delete a folder in it",
    view: "-",
    edit: "wf",
    run: (_g, s) => s.ask("delete", { path: "src/deep", recursive: true }),
  },
  { name: "delete the root", view: "-", edit: "-", run: (_g, s) => s.ask("delete", { path: "", recursive: true }) },
  { name: "download the file", view: "wfFs", edit: "wfFs", run: (g) => g.ask("files/src/a.txt") },
  { name: "download above the folder", view: "w", edit: "w", run: (g) => g.ask("files/top.txt") },
  { name: "download above the root", view: "-", edit: "-", run: (g) => g.ask("files/..%2f..%2fetc%2fpasswd") },
  { name: "upload", view: "-", edit: "-", run: (g) => g.ask("files/src/a.txt", { method: "PUT", body: "x" }) },
  { name: "the IDE's page", view: "-", edit: "-", run: (g) => g.ask("ide/") },
  { name: "a port", view: "-", edit: "-", run: (g) => g.ask(`proxy/${port}/`) },
  { name: "a port, prefix kept", view: "-", edit: "-", run: (g) => g.ask(`absproxy/${port}/`) },
  { name: "an IDE WebSocket", view: "-", edit: "-", run: (g) => g.upgrade("ide/") },
  { name: "a port's WebSocket", view: "-", edit: "-", run: (g) => g.upgrade(`proxy/${port}/`) },
  { name: "the share API below the share", view: "-", edit: "-", run: (g) => g.ask("api/share/list") },
  ...[
    "/api/share/list",
    "/api/share/audit",
    "/api/share/info",
    "/api/status",
    "/api/openapi.json",
    "/",
    "/ide/",
    "/apps/lab/",
    "/metrics",
  ].map((path): Trial => ({ name: `the owner's ${path}`, view: "-", edit: "-", run: (g) => g.ask(path) })),
  { name: "the owner's port", view: "-", edit: "-", run: (g) => g.ask(`/proxy/${port}/`) },
  { name: "the owner's IDE WebSocket", view: "-", edit: "-", run: (g) => g.upgrade("/ide/") },
  {
    name: "create a share",
    view: "-",
    edit: "-",
    run: (g) => g.ask("/api/share/create", { method: "POST", body: { permission: "terminal" } }),
  },
  { name: "revoke all", view: "-", edit: "-", run: (g) => g.ask("/api/share/revoke", { method: "DELETE" }) },
];

/** Terminal Access: an IDE server is tried for (there is none here), ports open; the owner's things stay his. */
const terminalOnly: ReadonlySet<string> = new Set([
  "the IDE's page",
  "a port",
  "a port, prefix kept",
  "a port's WebSocket",
]);

function permitted(trial: Trial, level: Level, scope: ScopeName): boolean {
  if (level === "terminal" && terminalOnly.has(trial.name)) return true;
  return trial[level === "view" ? "view" : "edit"].includes(letters[scope]);
}

/** `yes`, or how it was refused. Guests who may use the IDE get 503, as there is none here, and 200 from the port. */
function outcomeOf(result: unknown): string {
  if (typeof result !== "object" || result === null)
    return [101, 200].includes(Number(result)) ? "yes" : `status ${result}`;
  if ("status" in result) return [200, 206, 503].includes(result.status as number) ? "yes" : `status ${result.status}`;
  return "code" in result ? `error ${result.code}` : "yes";
}

const database = () => readFileSync(join(server.dataFolder, "shares.sqlite"));

async function enter(level: Level, scope: ScopeName) {
  return server.enter({ permission: level, ...places[scope] });
}

const cells = levels.flatMap((level) =>
  (Object.keys(places) as ScopeName[])
    .filter((scope) => level !== "terminal" || scope === "workspace")
    .map((scope) => [level, scope] as const),
);

describe.each(cells)("tier matrix with post-state: %s on a %s", (level, scope) => {
  it("live: the level's rights work; refusals leave disk and database unchanged", async () => {
    const { guest } = await enter(level, scope);
    const session = await guest.session();
    for (const trial of own) {
      const before = { tree: pictureOf(server.workspace), database: database() };
      const outcome = outcomeOf(await trial.run(guest, session));
      if (permitted(trial, level, scope)) {
        expect(outcome, trial.name).toBe("yes");
      } else {
        expect(outcome, trial.name).not.toBe("yes");
        expect(pictureOf(server.workspace), trial.name).toEqual(before.tree);
        expect(database().equals(before.database), `${trial.name}: the database`).toBe(true);
      }
    }
    session.close();
  });

  it.each(["expired", "revoked"] as const)(
    "%s: the open socket is closed and nothing works any more",
    async (state) => {
      const { share, guest } = await enter(level, scope);
      const session = await guest.session();
      if (state === "expired") {
        vi.setSystemTime(Date.now() + 86_400_000);
        // The next request reads the clock, whether or not the timer has run.
        expect((await guest.ask("files/src/a.txt")).status).toBe(401);
        session.close();
      } else {
        await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
        expect((await session.closed).code).toBe(sessionClose.revoked);
      }
      const before = pictureOf(server.workspace);
      const data = database();
      for (const trial of own.filter(({ run }) => run.length < 2)) {
        expect(outcomeOf(await trial.run(guest, session)), trial.name).not.toBe("yes");
      }
      expect(await guest.upgrade("api/session")).toBe(401);
      expect(pictureOf(server.workspace)).toEqual(before);
      expect(database().equals(data)).toBe(true);
    },
  );
});

describe.each([
  ["terminal", "edit"],
  ["terminal", "view"],
  ["edit", "view"],
] as const)("lowered from %s to %s", (from, to) => {
  it("closes what is open, and from then on only the new level holds", async () => {
    const { share, guest } = await enter(from, "workspace");
    const session = await guest.session();
    await server.api(`/api/share/${share.id}`, { method: "PATCH", body: { permission: to } });
    expect((await session.closed).code).toBe(sessionClose.changed);
    const again = await guest.session();
    for (const trial of own) {
      const before = pictureOf(server.workspace);
      const outcome = outcomeOf(await trial.run(guest, again));
      if (permitted(trial, to, "workspace")) expect(outcome, trial.name).toBe("yes");
      else {
        expect(outcome, trial.name).not.toBe("yes");
        expect(pictureOf(server.workspace), trial.name).toEqual(before);
      }
    }
  });
});
