import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Audit, ErrorBody, ShareInfo, ShareList } from "@waiide/protocol";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { SharingGateway, type SharingOptions } from "../../support/sharing-gateway.ts";

const files = {
  "a.txt": "one\ntwo\nthree\n",
  "src/b.py": "print('b')\n",
  ".env": "KEY=1\n",
  "data.bin": Buffer.from([0, 1]),
};

interface OpenApi {
  readonly paths: Record<string, { get?: { parameters?: { in: string; name: string; schema: { type?: string } }[] } }>;
}

async function start(options: SharingOptions = {}): Promise<SharingGateway> {
  return SharingGateway.start({ files, ...options });
}

async function refusal(server: SharingGateway, body: unknown): Promise<{ status: number; error: ErrorBody["error"] }> {
  const answer = await server.api("/api/share/create", { method: "POST", body });
  return { status: answer.status, ...(answer.body as ErrorBody) };
}

describe("POST /api/share/create", () => {
  it.each([
    ["View Only", 3600],
    ["Full Access", 14_400],
    ["Terminal Access", 86_400],
    ["view", 604_800],
    ["edit", null],
    ["terminal", 60],
    ["view", 61],
  ] as const)("%s for %s seconds", async (permission, expires_in) => {
    const server = await start();
    const share = await server.create({ permission, expires_in });
    expect(share).toMatchObject({ scope: { kind: "workspace" }, note: "" });
    const left = share.expires_at === null ? null : Date.parse(share.expires_at) - Date.parse(share.created_at);
    expect(left).toBe(expires_in === null ? null : expires_in * 1_000);
  });

  it.each([
    ["a day by default", { permission: "View Only" }, { scope: { kind: "workspace" } }],
    ["a folder", { permission: "view", file: "src/" }, { scope: { kind: "folder", path: "src" } }],
    ["a file", { permission: "edit", file: "src/b.py" }, { scope: { kind: "file", path: "src/b.py" } }],
    [
      "a file at a line",
      { permission: "view", file: "a.txt", line: 2, col: 0 },
      { scope: { kind: "file", line: 2, col: 0 } },
    ],
    [
      "a selection",
      { permission: "view", file: "a.txt", line: 1, end_line: 2, end_col: 3 },
      { scope: { kind: "selection", path: "a.txt", line: 1, col: 0, end_line: 2, end_col: 3 } },
    ],
    [
      "R16: terminal only opens there",
      { permission: "terminal", file: "a.txt", line: 2 },
      { scope: { kind: "workspace", opens: "a.txt", line: 2 } },
    ],
    ["a workspace, opens", { permission: "view", opens: "a.txt" }, { scope: { kind: "workspace", opens: "a.txt" } }],
    [
      "a folder, opens",
      { permission: "edit", file: "src", opens: "src/b.py" },
      { scope: { kind: "folder", path: "src", opens: "src/b.py" } },
    ],
    [
      "terminal opens a file of the folder",
      { permission: "terminal", file: "src", opens: "src/b.py" },
      { scope: { kind: "workspace", opens: "src/b.py" } },
    ],
    ["a root of its own", { permission: "view", root: "{workspace}/src" }, { scope: { kind: "workspace" } }],
  ])("%s", async (_name, request, expected) => {
    const server = await start();
    const body = JSON.parse(JSON.stringify(request).replace("{workspace}", server.workspace));
    const answer = await server.api("/api/share/create", { method: "POST", body });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject(expected);
  });

  describe("bad input: 400 with the field and the reason, and nothing is created", () => {
    let server: SharingGateway;
    const outside = mkdtempSync(join(tmpdir(), "waiide-outside-"));
    afterAll(() => rmSync(outside, { recursive: true }));
    beforeEach(async () => {
      server = await start();
      symlinkSync(outside, join(server.workspace, "out"));
      symlinkSync("/etc/passwd", join(server.workspace, "passwd"));
      writeFileSync(join(server.home, "file"), "x");
    });

    it.each([
      ["no level", {}, "permission"],
      ["an unknown level", { permission: "Admin" }, "permission"],
      ["0 seconds", { permission: "view", expires_in: 0 }, "expires_in"],
      ["59 seconds", { permission: "view", expires_in: 59 }, "expires_in"],
      ["negative seconds", { permission: "view", expires_in: -1 }, "expires_in"],
      ["half a second", { permission: "view", expires_in: 60.5 }, "expires_in"],
      ["seconds as text", { permission: "view", expires_in: "3600" }, "expires_in"],
      ["past the ceiling", { permission: "terminal", expires_in: 604_801 }, "expires_in"],
      ["Terminal Access for ever", { permission: "terminal", expires_in: null }, "expires_in"],
      ["a file outside", { permission: "view", file: "../file" }, "file"],
      ["an absolute file", { permission: "view", file: "/etc/passwd" }, "file"],
      ["a file with NUL", { permission: "view", file: "a\0b" }, "file"],
      ["a missing file", { permission: "view", file: "none.txt" }, "file"],
      ["R10: a hidden file", { permission: "view", file: ".env" }, "file"],
      ["R10: a hidden file, other case", { permission: "view", file: ".ENV" }, "file"],
      ["a link to a file outside", { permission: "view", file: "passwd" }, "file"],
      ["a link to a folder outside", { permission: "view", file: "out" }, "file"],
      ["opens what lies outside", { permission: "view", opens: "../file" }, "opens"],
      ["opens an absolute path", { permission: "view", opens: "/etc/passwd" }, "opens"],
      ["opens a missing file", { permission: "view", opens: "none.txt" }, "opens"],
      ["opens nothing", { permission: "view", opens: "" }, "opens"],
      ["R10: opens a hidden file", { permission: "view", opens: ".ENV" }, "opens"],
      ["R9: opens a link to a file outside", { permission: "view", opens: "passwd" }, "opens"],
      ["opens a folder", { permission: "view", opens: "src" }, "opens"],
      ["opens a file beside the folder", { permission: "view", file: "src", opens: "a.txt" }, "opens"],
      ["opens another file than the one", { permission: "view", file: "a.txt", opens: "src/b.py" }, "opens"],
      ["line 0", { permission: "view", file: "a.txt", line: 0 }, "line"],
      ["a line past the end", { permission: "view", file: "a.txt", line: 5 }, "line"],
      ["an end past the end", { permission: "view", file: "a.txt", line: 1, end_line: 5 }, "end_line"],
      ["an end before the beginning", { permission: "view", file: "a.txt", line: 2, end_line: 1 }, "end_line"],
      ["an empty selection", { permission: "view", file: "a.txt", line: 1, end_line: 1, end_col: 0 }, "col"],
      ["an end without a beginning", { permission: "view", file: "a.txt", end_line: 2 }, "line"],
      ["a line of nothing", { permission: "view", line: 2 }, "line"],
      ["a line of a folder", { permission: "view", file: "src", line: 1 }, "line"],
      ["a line of bytes", { permission: "view", file: "data.bin", line: 1 }, "file"],
      ["an unknown field", { permission: "view", colour: "red" }, "colour"],
      ["a long note", { permission: "view", note: "x".repeat(501) }, "note"],
      ["a note with a line break", { permission: "view", note: "a\nb" }, "note"],
      ["a relative root", { permission: "view", root: "src" }, "root"],
      ["a missing root", { permission: "view", root: "/nowhere/at/all" }, "root"],
      ["a root outside the home", { permission: "view", root: outside }, "root"],
      ["a root that is a file", { permission: "view", root: "~/file" }, "root"],
      ["WAIIDE's own data", { permission: "view", root: "~/data" }, "root"],
      ["no guests", { permission: "view", max_guests: 0 }, "max_guests"],
    ])("%s", async (_name, body, field) => {
      const { status, error } = await refusal(server, body);
      expect([status, error.field]).toEqual([400, field]);
      expect(error.message).toContain(field);
      expect(error.action).toMatch(/\S/);
      expect((await server.api("/api/share/list")).body).toEqual({ shares: [] });
      expect(((await server.api("/api/share/audit")).body as Audit).entries).toEqual([]);
    });

    it("1 MB of note, and malformed JSON", async () => {
      expect((await refusal(server, { permission: "view", note: "x".repeat(1_100_000) })).status).toBe(400);
      expect((await refusal(server, "text")).status).toBe(400);
      expect((await server.api("/api/share/list")).body).toEqual({ shares: [] });
    });
  });

  it("R10: a whole home folder needs a confirmation", async () => {
    const server = await start();
    const body = { permission: "view", root: "~" };
    expect(await refusal(server, body)).toMatchObject({ status: 409, error: { code: "SHARE_CONFIRM" } });
    expect((await server.create({ ...body, permission: "view", confirm: true })).root).toBe(server.home);
  });

  it("R19: a level above the ceiling says who decides", async () => {
    const server = await start({ flags: { "share-link-level": "edit" } });
    const { status, error } = await refusal(server, { permission: "terminal" });
    expect([status, error.code]).toEqual([403, "SHARE_CEILING"]);
    expect(error.message).toContain("administrator");
  });

  it("--public-url unknown: a clear error, never a link made from a Host header", async () => {
    const server = await start({ flags: { "public-url": undefined as never } });
    const { status, error } = await refusal(server, { permission: "view" });
    expect([status, error.code]).toEqual([409, "PUBLIC_URL_UNKNOWN"]);
    expect(((await server.api("/api/share/info")).body as ShareInfo).public_url).toBeNull();
    expect((await server.api("/api/share/list")).body).toEqual({ shares: [] });
  });
});

describe("GET /api/share/info", () => {
  it("says what may be shared", async () => {
    const server = await start();
    expect((await server.api("/api/share/info")).body).toMatchObject({
      sharing_available: true,
      environment: "standalone",
      server_name: "",
      levels: [
        { level: "view", allowed: true, longest_life: null },
        { level: "edit", allowed: true, longest_life: null },
        { level: "terminal", allowed: true, longest_life: 604_800 },
      ],
    });
  });

  it("says why nothing may: turned off", async () => {
    const server = await start({ flags: { sharing: "off" } });
    const info = (await server.api("/api/share/info")).body as ShareInfo;
    expect(info.sharing_available).toBe(false);
    expect(info.reason).toContain("administrator");
    expect(await refusal(server, { permission: "view" })).toMatchObject({
      status: 503,
      error: { code: "SHARING_UNAVAILABLE" },
    });
    expect(readdirSync(server.dataFolder)).not.toContain("shares.sqlite");
  });

  it("R21: says why sharing is off: the store is corrupt and unchanged; the gateway runs", async () => {
    const server = await start();
    await server.create({ permission: "view" });
    await server.gateway.close();
    writeFileSync(join(server.dataFolder, "shares.sqlite"), "no database at all".repeat(100));
    await server.restart();
    const info = (await server.api("/api/share/info")).body as ShareInfo;
    expect(info.sharing_available).toBe(false);
    expect(info.reason).toMatch(/corrupt|damaged|no database/i);
    expect((await server.api("/api/health")).status).toBe(503);
    expect((await server.api("/api/status")).status).toBe(200);
  });
});

describe("changing and ending", () => {
  it("PATCH lowers the level, changes expiry, note and guests; raising names the field", async () => {
    const server = await start();
    const share = await server.create({ permission: "edit" });
    const path = `/api/share/${share.id}`;
    const body = { permission: "View Only", expires_in: null, note: "new", max_guests: 3 };
    expect((await server.api(path, { method: "PATCH", body })).body).toMatchObject({
      level: "view",
      expires_at: null,
      note: "new",
      max_guests: 3,
    });
    const raised = await server.api(path, { method: "PATCH", body: { permission: "edit" } });
    expect(raised).toMatchObject({ status: 400, body: { error: { field: "permission" } } });
    expect((await server.api(path, { method: "PATCH", body: {} })).status).toBe(400);
    expect((await server.api("/api/share/none", { method: "PATCH", body: { note: "x" } })).status).toBe(404);
  });

  it("DELETE ends one, or all, and says how many", async () => {
    const server = await start();
    const [one] = [await server.create({ permission: "view" }), await server.create({ permission: "edit" })];
    const revoke = (id = "") => server.api(`/api/share/revoke${id}`, { method: "DELETE" });
    expect((await revoke(`/${one.id}`)).body).toEqual({ revoked: 1, guests: 0 });
    expect((await revoke(`/${one.id}`)).status).toBe(404);
    expect((await revoke()).body).toEqual({ revoked: 1, guests: 0 });
    expect(((await server.api("/api/share/list")).body as ShareList).shares).toEqual([]);
  });

  it("R16: the end of Terminal Access names what its guests may have made, and can end it", async () => {
    const server = await start();
    const { share: first } = await server.enter({ permission: "terminal" });
    const kept = await server.create({ permission: "view" });
    expect(kept.made_during).toBe(first.id);
    const revoke = (id: string, query = "") => server.api(`/api/share/revoke/${id}${query}`, { method: "DELETE" });
    expect((await revoke(first.id)).body).toEqual({ revoked: 1, guests: 0, made_during: [kept.id] });

    const { share: second } = await server.enter({ permission: "terminal" });
    const ended = await server.create({ permission: "edit" });
    expect((await revoke(second.id, "?also_made_during=perhaps")).status).toBe(400);
    const outcome = await revoke(second.id, "?also_made_during=true");
    expect(outcome.body).toEqual({ revoked: 2, guests: 0, made_during: [ended.id] });
    const { shares } = (await server.api("/api/share/list")).body as ShareList;
    expect(shares.map(({ id }) => id)).toEqual([kept.id]);
  });

  it("the audit tells it all, newest first, in pages", async () => {
    const server = await start();
    const { share, guest } = await server.enter({ permission: "edit", note: "Review" });
    const session = await guest.session();
    await session.ask("write", { path: "a.txt", base: null, content: "x", encoding: "utf8" });
    const read = await session.ask("read", { path: "a.txt" });
    const base = "version" in read ? (read.version ?? null) : null;
    await session.ask("write", { path: "a.txt", base, content: "changed\n", encoding: "utf8" });
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    const audit = (await server.api("/api/share/audit")).body as Audit;
    expect(audit.entries.map(({ event }) => event)).toEqual(["revoke", "write", "enter", "create"]);
    expect(audit.entries[1]).toMatchObject({
      share: share.id,
      who: expect.stringMatching(/^Bob \(/),
      details: { path: "a.txt", size: 8, what: "write" },
    });
    const page = (await server.api("/api/share/audit?limit=1")).body as Audit;
    expect(page.entries).toHaveLength(1);
    const next = (await server.api(`/api/share/audit?limit=2&before=${page.next}`)).body as Audit;
    expect(next.entries.map(({ event }) => event)).toEqual(["write", "enter"]);
  });
});

it("a number in a query that is too large for the database is refused with its field", async () => {
  const server = await start();
  const share = await server.create({ permission: "view" });
  const document = (await server.api("/api/openapi.json")).body as OpenApi;
  const numbers = Object.entries(document.paths).flatMap(([path, { get }]) =>
    (get?.parameters ?? [])
      .filter((parameter) => parameter.in === "query" && parameter.schema.type === "integer")
      .map(({ name }) => ({ path: path.replace("{id}", share.id), name })),
  );
  expect(numbers).toContainEqual({ path: `/api/share/${share.id}/changes`, name: "offset" });
  expect(numbers).toContainEqual({ path: "/api/share/audit", name: "before" });
  for (const { path, name } of numbers) {
    for (const value of ["9007199254740992", "9223372036854775807", "1e300"]) {
      const { status, body } = await server.api(`${path}?${name}=${value}`);
      expect({ status, body }, `${path} ${value}`).toMatchObject({ status: 400, body: { error: { field: name } } });
    }
  }
});

it("the OpenAPI document has every route of sharing, with examples", async () => {
  const server = await start();
  const { body } = await server.api("/api/openapi.json");
  const { paths } = body as { paths: Record<string, Record<string, unknown>> };
  const shown = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((one) => `${one} ${path}`));
  for (const route of [
    "post /api/share/create",
    "get /api/share/info",
    "get /api/share/list",
    "get /api/share/audit",
    "patch /api/share/{id}",
    "post /api/share/{id}/link",
    "delete /api/share/{id}/guests/{session}",
    "delete /api/share/revoke",
    "delete /api/share/revoke/{id}",
    "post /share/{id}/enter",
  ]) {
    expect(shown).toContain(route);
  }
  expect(JSON.stringify(paths["/api/share/create"])).toContain("src/model.py");
});
