import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { get } from "../../../src/cli/get/get.ts";
import { readLink } from "../../../src/cli/get/share-visit.ts";
import { OwnerServer } from "../../support/copies/owner-server.ts";
import { SharingGateway } from "../../support/sharing-gateway.ts";
import { zipOfEntries } from "../../support/zip.ts";

const written: string[] = [];

beforeEach(() => {
  written.length = 0;
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
});

/** A share of a workspace, with the link at the address where it really is. */
async function shared() {
  const server = await SharingGateway.start({ files: { "README.md": "# Tides\n", ".env": "SECRET=1\n" } });
  vi.stubEnv("WAIIDE_DATA_DIR", join(server.home, "mine"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const copy = { files: true, settings: [], extensions: false };
  const share = await server.create({ permission: "view", copy });
  const { pathname, hash } = new URL(share.url);
  const link = `${new URL(server.url).origin}${pathname}${hash}`;
  return { server, share, link, to: join(server.home, "tides") };
}

const homeOf = ({ home }: SharingGateway) =>
  readdirSync(home)
    .filter((name) => name !== "data")
    .sort();

describe("waiide get", () => {
  it("enters by the link, copies what guests see, remembers the folder, and leaves", async () => {
    const { server, share, link, to } = await shared();
    await get(link, { to, yes: true, as: "Eve" });
    expect(readdirSync(to).sort()).toEqual([".devcontainer", "README.md", "waiide-copy.json"]);
    expect(readFileSync(join(to, "README.md"), "utf8")).toBe("# Tides\n");
    expect(written).toContain(`${to}\n`);
    expect(written.join("")).not.toContain(new URL(link).hash.slice(1));
    const [record = ""] = readdirSync(join(server.home, "mine/copies"));
    expect(JSON.parse(readFileSync(join(server.home, "mine/copies", record), "utf8"))).toMatchObject({ folder: to });
    const { shares } = (await server.api("/api/share/list")).body as { shares: { id: string; guests: object[] }[] };
    expect(shares.find(({ id }) => id === share.id)?.guests).toEqual([]);
  });

  it("overwrites nothing, and asks before it writes anything", async () => {
    const { server, link, to } = await shared();
    writeFileSync(to, "mine");
    await expect(get(link, { to, yes: true })).rejects.toMatchObject({ code: "COPY_PLACE" });
    await expect(get(link, { to: join(to, "below"), yes: true })).rejects.toMatchObject({ code: "COPY_PLACE" });
    await expect(get(link, { to: join(server.home, "free") })).rejects.toMatchObject({ code: "CONFIRMATION_NEEDED" });
    expect(readFileSync(to, "utf8")).toBe("mine");
    expect(homeOf(server)).toEqual(["tides", "workspace"]);
  });

  it("says why it got nothing: no copies, an ended share, a wrong link", async () => {
    const { server, share, link, to } = await shared();
    const other = await server.create({ permission: "view" });
    const { pathname, hash } = new URL(other.url);
    const without = `${new URL(server.url).origin}${pathname}${hash}`;
    await expect(get(without, { to, yes: true })).rejects.toMatchObject({ code: "COPY_NOT_GIVEN" });
    await expect(get(`${link}x`, { to, yes: true })).rejects.toMatchObject({ code: "COPY_NOT_ENTERED" });
    await server.api(`/api/share/revoke/${share.id}`, { method: "DELETE" });
    await expect(get(link, { to, yes: true })).rejects.toMatchObject({ code: "COPY_NOT_ENTERED" });
    for (const wrong of [
      "x",
      "ftp://h/share/a/#b",
      "https://h/share/a/",
      "https://u:p@h/share/a/#b",
      "https://h/a/#b",
    ]) {
      expect(() => readLink(wrong)).toThrow(expect.objectContaining({ code: "COPY_LINK_WRONG" }));
    }
    expect(homeOf(server)).toEqual(["workspace"]);
  });

  it("R29: refuses what a hostile server sends, and leaves nothing", async () => {
    const { server, to } = await shared();
    const owner = await OwnerServer.start();
    owner.answers.set("enter", (_request, response) => {
      response.writeHead(204, { "Set-Cookie": "c=1; Path=/" }).end();
    });
    owner.answers.set("leave", (_request, response) => void response.writeHead(204).end());
    const json = JSON.stringify({ ...owner.copy, owner: "ana\u001b[2J" });
    owner.answers.set("copy.json", (_request, response) => void response.end(json));
    const archive = zipOfEntries([{ name: "tides/.git/hooks/post-checkout", text: "x", mode: 0o100755 }]);
    owner.answers.set("archive.zip", (_request, response) => void response.end(archive));
    const link = `${owner.origin}${owner.path}#secret`;
    await expect(get(link, { to, yes: true })).rejects.toMatchObject({ code: "COPY_REFUSED" });
    expect(homeOf(server)).toEqual(["mine", "workspace"]);
    expect(readdirSync(join(server.home, "mine/copies"))).toEqual([]);
    expect(written.join("")).not.toContain("\u001b[2J");
    expect(owner.asked.at(-1)?.url).toBe(`${owner.path}leave`);
  });
});
