import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Copies, ErrorBody } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../support/asking.ts";
import { OwnerServer, tides, tidesZip } from "../../support/copies/owner-server.ts";
import { Recipient } from "../../support/copies/recipient.ts";
import { zipOfEntries } from "../../support/zip.ts";

async function start() {
  return { owner: await OwnerServer.start(), bob: await Recipient.start({ files: { "mine.txt": "mine\n" } }) };
}

/** Everything in Bob's home that is not the gateway's. */
const homeOf = ({ server }: Recipient) =>
  readdirSync(server.home)
    .filter((name) => name !== "data")
    .sort();
const recordsOf = ({ server }: Recipient) => {
  const folder = join(server.home, "data/copies");
  return existsSync(folder) ? readdirSync(folder) : [];
};
const errorOf = ({ body }: Answer) => (JSON.parse(body) as ErrorBody).error;

describe("R29: a recipient copies what another user of the hub shares", () => {
  it("after a question, whole, beside the workspace; commands are shown, none has run", async () => {
    const { owner, bob } = await start();
    const asked = await bob.ask(`copy?from=${encodeURIComponent(owner.path)}`);
    expect(asked.status).toBe(303);
    expect(asked.headers.location).toMatch(
      /^\/user\/ana\/share\/aaaa\/copy\?to=%2Fuser%2Fbob%2Fcopy%2Freturn%3Fstate%3D/,
    );
    expect(owner.asked).toEqual([]);
    const { status, copy } = await bob.show(owner);
    expect(status).toBe(201);
    expect(copy).toMatchObject({ state: "shown", copy: tides, carried: false, folder: join(bob.server.home, "tides") });
    expect(copy.differences).toEqual([
      { what: "image", theirs: "quay.io/a:1", yours: null },
      expect.objectContaining({ what: "python", theirs: "3.12.4" }),
    ]);
    expect(homeOf(bob)).toEqual(["workspace"]);
    expect((await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} })).status).toBe(202);
    const done = await bob.finished(copy.id);
    expect(done).toMatchObject({ state: "done", set_up: ["pip install -r requirements.txt"] });
    expect(done.runs.map(({ name, offered }) => [name, offered])).toEqual([
      ["initializeCommand", false],
      ["postCreateCommand", true],
    ]);
    expect(homeOf(bob)).toEqual(["tides", "workspace"]);
    expect(readdirSync(join(bob.server.home, "tides")).sort()).toEqual([".devcontainer", "README.md"]);
    expect(recordsOf(bob)).toEqual([`${copy.id}.json`]);
  });

  it("R30: from the hub's origin, with the ticket, for its target and nothing else", async () => {
    const { owner, bob } = await start();
    const { copy } = await bob.show(owner);
    await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
    await bob.finished(copy.id);
    expect(owner.asked.map(({ url }) => url)).toEqual([`${owner.path}copy.json`, `${owner.path}archive.zip`]);
    for (const { headers } of owner.asked) {
      expect(headers.authorization).toBe(`Bearer ${owner.ticket}`);
      expect(headers["waiide-copy-target"]).toBe(copy.to);
      expect(headers.cookie).toBeUndefined();
      expect(JSON.stringify(headers)).not.toMatch(/bobs-own-token|0123456789abcdef0123456789abcdef/);
    }
  });

  it("a second copy gets another name; nothing is overwritten", async () => {
    const { owner, bob } = await start();
    mkdirSync(join(bob.server.home, "tides"));
    const { copy } = await bob.show(owner);
    expect(copy.folder).toBe(join(bob.server.home, "tides-2"));
    for (const name of ["workspace", "../x", "a/b", "..", "a\nb"]) {
      const answer = await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: { name } });
      expect([name, answer.status]).toEqual([name, 409]);
    }
    expect(homeOf(bob)).toEqual(["tides", "workspace"]);
    expect(readFileSync(join(bob.server.workspace, "mine.txt"), "utf8")).toBe("mine\n");
    await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: { name: "my tides" } });
    expect((await bob.finished(copy.id)).state).toBe("done");
    expect(homeOf(bob)).toEqual(["my tides", "tides", "workspace"]);
    expect(recordsOf(bob)).toEqual([`${copy.id}.json`]);
  });

  it("through the browser, in parts, where the servers may not talk to each other", async () => {
    const { owner, bob } = await start();
    owner.answers.set("copy.json", (request) => request.socket.destroy());
    const state = await bob.begin(owner);
    const send = (more: object) =>
      bob.ask("api/copies", {
        method: "POST",
        body: { state, ticket: owner.ticket, ...more },
        headers: { origin: owner.origin },
      });
    expect(errorOf(await send({})).code).toBe("COPY_UNREACHABLE");
    const source = JSON.parse((await bob.ask(`api/copies/source?state=${state}`)).body) as object;
    expect(source).toEqual({ source: owner.path, to: `/user/bob/copy/return?state=${state}` });
    expect((await send({ copy: { format: 2 } })).status).toBe(409);
    const { id } = JSON.parse((await send({ copy: tides })).body) as { id: string };
    const part = (offset: number, body: Buffer, last = "") =>
      bob.ask(`api/copies/${id}/archive?offset=${offset}${last}`, { method: "PUT", body });
    expect((await part(0, tidesZip)).status).toBe(404);
    await bob.ask(`api/copies/${id}/accept`, { method: "POST", body: {} });
    expect((await part(0, tidesZip.subarray(0, 100))).status).toBe(200);
    expect((await part(0, tidesZip.subarray(0, 100))).status).toBe(409);
    expect((await part(100, tidesZip.subarray(100), "&last=true")).status).toBe(200);
    expect((await bob.finished(id)).state).toBe("done");
    expect(homeOf(bob)).toEqual(["tides", "workspace"]);
  });

  it("one at a time, and canceled on the way it leaves nothing", async () => {
    const { owner, bob } = await start();
    const { copy } = await bob.show(owner);
    const { copy: other } = await bob.show(owner);
    const begun = Promise.withResolvers<void>();
    owner.answers.set("archive.zip", (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/zip" });
      response.write(tidesZip.subarray(0, 50), () => begun.resolve());
    });
    await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
    await begun.promise;
    expect((await bob.ask(`api/copies/${other.id}/accept`, { method: "POST", body: {} })).status).toBe(409);
    expect((await bob.ask(`api/copies/${copy.id}`, { method: "DELETE" })).status).toBe(204);
    expect([homeOf(bob), recordsOf(bob)]).toEqual([["workspace"], []]);
    owner.answers.clear();
    expect((await bob.ask(`api/copies/${other.id}/accept`, { method: "POST", body: {} })).status).toBe(202);
    expect((await bob.finished(other.id)).state).toBe("done");
  });
});

describe("R29: nothing is left of a copy that fails", () => {
  async function failing(prepare: (owner: OwnerServer) => void, problem: RegExp): Promise<void> {
    const { owner, bob } = await start();
    const { copy } = await bob.show(owner);
    prepare(owner);
    await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
    const failed = await bob.finished(copy.id);
    expect(failed.state).toBe("failed");
    expect(failed.problem).toMatch(problem);
    expect([homeOf(bob), recordsOf(bob)]).toEqual([["workspace"], []]);
  }

  it("since the archive leads out of its folder", () =>
    failing((owner) => {
      owner.archive = zipOfEntries([{ name: "tides/../../evil", text: "x" }]);
    }, /invalid relative path/));

  it("since the archive ends half-way", () =>
    failing((owner) => {
      owner.answers.set("archive.zip", (_request, response) => {
        response.writeHead(200, { "Content-Type": "application/zip", "Content-Length": tidesZip.length });
        response.write(tidesZip.subarray(0, 50), () => response.destroy());
      });
    }, /was not made/));

  it("since the ticket was used by another", () =>
    failing((owner) => {
      owner.answers.set("archive.zip", (_request, response) => {
        response.writeHead(401, { "Content-Type": "application/json" }).end('{"error":{"message":"It was used."}}');
      });
    }, /did not hand over the copy: It was used/));

  it("R30: since the owner's server sends the gateway elsewhere", () =>
    failing((owner) => {
      owner.answers.set("archive.zip", (_request, response) => {
        response.writeHead(302, { Location: `${owner.origin}/elsewhere` }).end();
      });
    }, /answered 302/));
});

describe("R29, R30: nobody is led to a copy that they did not ask for", () => {
  it("a foreign address is refused before anything is asked", async () => {
    const { owner, bob } = await start();
    for (const from of [`${owner.origin}${owner.path}`, "//evil.example/user/ana/share/x/", "/user/ana/share/../x/"]) {
      const answer = await bob.ask(`copy?from=${encodeURIComponent(from)}`);
      expect([answer.status, errorOf(answer).code]).toEqual([400, "COPY_SOURCE_WRONG"]);
    }
    expect(owner.asked).toEqual([]);
  });

  it("a state works once, and only here; redirects and other answers end it", async () => {
    const { owner, bob } = await start();
    const state = await bob.begin(owner);
    const send = (body: object) => bob.ask("api/copies", { method: "POST", body, headers: { origin: owner.origin } });
    expect((await send({ state: "a".repeat(32), ticket: owner.ticket })).status).toBe(404);
    expect(errorOf(await send({ state, ticket: "wct_wrong" })).message).toContain("This ticket is over");
    owner.answers.set("copy.json", (_request, response) => {
      response.writeHead(302, { Location: `${owner.origin}${owner.path}other.json` }).end();
    });
    expect(errorOf(await send({ state, ticket: owner.ticket })).code).toBe("COPY_UNREACHABLE");
    owner.answers.set("copy.json", (_request, response) => {
      response.end(" ".repeat(2 * 1024 * 1024));
    });
    expect((await send({ state, ticket: owner.ticket })).status).toBe(409);
    owner.answers.set("copy.json", (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ ...tides, name: "../x" }));
    });
    expect((await send({ state, ticket: owner.ticket })).status).toBe(409);
    owner.answers.clear();
    expect((await send({ state, ticket: owner.ticket })).status).toBe(201);
    expect((await send({ state, ticket: owner.ticket })).status).toBe(404);
    expect(owner.asked.every(({ url }) => url.endsWith("/copy.json"))).toBe(true);
    expect([homeOf(bob), recordsOf(bob)]).toEqual([["workspace"], []]);
  });

  it("R5: without a login, or from a page that is not ours, nothing happens", async () => {
    const { owner, bob } = await start();
    const { copy } = await bob.show(owner);
    const anonymous = { authorization: "" };
    const paths = [
      "api/copies",
      `api/copies/${copy.id}/accept`,
      "api/copies/take-set-up",
      `api/copies/${copy.id}/set-up`,
    ];
    for (const path of paths) {
      expect((await bob.ask(path, { method: "POST", body: {}, headers: anonymous })).status).toBe(401);
    }
    expect((await bob.ask(`api/copies/${copy.id}`, { method: "DELETE", headers: anonymous })).status).toBe(401);
    expect((await bob.ask("copy/return", { headers: anonymous })).status).toBe(401);
    expect([homeOf(bob), recordsOf(bob)]).toEqual([["workspace"], []]);
    const page = await bob.ask("copy/return");
    expect(page.status).toBe(200);
    expect(page.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(page.headers["content-security-policy"]).not.toContain("unsafe-inline");
  });
});

describe("R29: “Set up” runs what was shown, and nothing else", () => {
  it("once, in the window that opens the folder, if the recipient asked for these", async () => {
    const { owner, bob } = await start();
    const { copy } = await bob.show(owner);
    await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
    const { folder, set_up: commands } = await bob.finished(copy.id);
    const take = async () =>
      JSON.parse((await bob.ask("api/copies/take-set-up", { method: "POST", body: { folder } })).body) as object;
    expect(await take()).toEqual({ commands: [] });
    const want = (shown: readonly string[]) =>
      bob.ask(`api/copies/${copy.id}/set-up`, { method: "POST", body: { commands: shown } });
    expect(errorOf(await want(["rm -rf ~"])).code).toBe("COPY_CHANGED");
    expect(await take()).toEqual({ commands: [] });
    expect((await want(commands)).status).toBe(204);
    expect(await take()).toEqual({ commands: ["pip install -r requirements.txt"] });
    expect(await take()).toEqual({ commands: [] });
    expect(existsSync(join(folder, "ran"))).toBe(false);
  });

  it("is not offered where an administrator turned it off", async () => {
    const owner = await OwnerServer.start();
    const bob = await Recipient.start({ flags: { "copy-setup": "false" } });
    const { copy } = await bob.show(owner);
    await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
    expect(await bob.finished(copy.id)).toMatchObject({ state: "done", set_up: [] });
    const body = { commands: ["pip install -r requirements.txt"] };
    const wanted = await bob.ask(`api/copies/${copy.id}/set-up`, { method: "POST", body });
    expect(errorOf(wanted).code).toBe("SET_UP_OFF");
  });

  it("is not offered for commands that cannot be shown exactly", async () => {
    const { owner, bob } = await start();
    const { copy } = await bob.show(owner);
    const text = JSON.stringify({ image: "x", postCreateCommand: "echo hi\u001b[2K\u0003" });
    owner.archive = zipOfEntries([{ name: "tides/.devcontainer/devcontainer.json", text }]);
    await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
    expect(await bob.finished(copy.id)).toMatchObject({ state: "done", set_up: [] });
  });
});

it("R29: the owner's extensions are named until the recipient has chosen", async () => {
  const { owner, bob } = await start();
  const ids = ["ms-python.python", "charliermarsh.ruff"];
  owner.copy = { ...tides, extensions: ids.map((id) => ({ id, version: "1.0.0" })) };
  const { copy } = await bob.show(owner);
  await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
  await bob.finished(copy.id);
  await bob.server.restart();
  const named = async () =>
    (JSON.parse((await bob.ask("api/copies")).body) as Copies).copies.map(({ extensions }) => extensions);
  expect(await named()).toEqual([ids]);
  const answer = (headers = {}) => bob.ask(`api/copies/${copy.id}/extensions`, { method: "DELETE", headers });
  expect((await answer({ authorization: "" })).status).toBe(401);
  expect(await named()).toEqual([ids]);
  expect((await answer()).status).toBe(204);
  expect(await named()).toEqual([[]]);
  expect((await bob.ask("api/copies/other/extensions", { method: "DELETE" })).status).toBe(404);
});

it("R29: the record of a copy without a list of extensions keeps its folder restricted", async () => {
  const { owner, bob } = await start();
  const { copy } = await bob.show(owner);
  await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
  const { folder } = await bob.finished(copy.id);
  const file = join(bob.server.home, "data/copies", `${copy.id}.json`);
  const { extensions: _, ...before } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify(before));
  expect(JSON.parse((await bob.ask("api/copies")).body)).toMatchObject({ copies: [{ folder, extensions: [] }] });
});

describe("R29: a copy stays a stranger's folder", () => {
  it("also after a restart, until it is removed", async () => {
    const { owner, bob } = await start();
    const { copy } = await bob.show(owner);
    await bob.ask(`api/copies/${copy.id}/accept`, { method: "POST", body: {} });
    const { folder } = await bob.finished(copy.id);
    await bob.server.restart();
    const list = async () =>
      (JSON.parse((await bob.ask("api/copies")).body) as { copies: { folder: string }[] }).copies;
    expect((await list()).map((one) => one.folder)).toEqual([folder]);
    rmSync(folder, { recursive: true });
    await bob.server.restart();
    expect(await list()).toEqual([]);
  });
});
