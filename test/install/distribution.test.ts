import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assemble } from "../../scripts/product/distribution.ts";
import { Program } from "../support/program.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../..");

let folder: string;
/** The product, moved since it was assembled. */
let product: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-distribution-"));
  assemble(repository, join(folder, "assembled"));
  product = join(folder, "some where", "else");
  await mkdir(join(folder, "some where"));
  await rename(join(folder, "assembled"), product);
  // Of all programs only Node and what a shell script uses: nothing of the repository can help.
  const programs = join(folder, "programs");
  await mkdir(programs);
  await symlink(process.execPath, join(programs, "node"));
  environment = { PATH: `${programs}:/usr/bin:/bin`, HOME: join(folder, "home") };
  await mkdir(join(folder, "home", "workspace"), { recursive: true });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("the product as one folder", () => {
  it("answers under both names of its command, and through a link", async () => {
    const { version } = JSON.parse(await readFile(join(product, "package.json"), "utf8")) as { version: string };
    await symlink(join(product, "bin/waiide"), join(folder, "linked"));
    for (const command of [
      join(product, "bin/waiide"),
      join(product, "bin/jupyterhub-singleuser"),
      join(folder, "linked"),
    ]) {
      const { stdout } = await run(command, ["--version"], { env: environment, cwd: folder });
      expect(stdout).toBe(`${version}\n`);
    }
  });

  it("serves, shares, and has the guest workbench with it", async () => {
    const args = ["--port", "0", "--ide-server", join(folder, "none"), "--public-url", "http://ide.example.org"];
    const gateway = new Program(join(product, "bin/waiide"), args, { env: environment, cwd: folder });
    try {
      const [, url = ""] = await gateway.printed(/WAIIDE is at (\S+)/);
      // The program owns its process: no other process stands between it and its parent.
      expect(await readlink(`/proc/${gateway.pid}/exe`)).toBe(process.execPath);
      const created = await fetch(new URL("api/share/create", url), {
        method: "POST",
        headers: { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" },
        body: JSON.stringify({ permission: "View Only" }),
      });
      expect(created.status, await created.clone().text()).toBe(201);
      const share = (await created.json()) as { id: string };
      expect(await textAt(new URL(`share/${share.id}/`, url))).toContain("<script");

      const manifest = JSON.parse(await readFile(join(product, "dist/workbench/manifest.json"), "utf8")) as {
        hash: string;
        files: Record<string, unknown>;
      };
      const names = Object.keys(manifest.files);
      expect(names.length).toBeGreaterThan(100);
      for (const name of names.slice(0, 20)) {
        await textAt(new URL(`share/assets/${manifest.hash}/${name}`, url));
      }
    } finally {
      expect(await gateway.stop()).toBe(0);
    }
  });

  it("has what was compiled at the build, which moving does not spoil", async () => {
    const traced = { ...environment, NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
    const { stdout, stderr } = await run(join(product, "bin/waiide"), ["--version"], { env: traced });
    expect(stdout + stderr).toMatch(/code cache for CommonJS \S*.*gateway\.cjs was accepted/);
  });

  it("holds the licences of all that is in it, and is readable for everybody", async () => {
    const notices = await readFile(join(product, "THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const name of ["fastify", "undici", "typebox", "dompurify", "@codingame/monaco-vscode-api"]) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
    expect(notices).not.toMatch(/^(vite|@types\/\S+) \d/m);
    expect(await readFile(join(product, "LICENSE"), "utf8")).toContain("MIT License");
    for (const entry of await readdir(product, { recursive: true, withFileTypes: true })) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect(mode & 0o022, entry.name).toBe(0);
      expect(mode & 0o044, entry.name).toBe(0o044);
    }
  });

  it("is not made of what was not built, and replaces nothing but itself", async () => {
    const empty = join(folder, "empty");
    await mkdir(empty);
    expect(() => assemble(empty, join(folder, "target"))).toThrow("packages/gateway/dist/gateway.cjs");
    await expect(readdir(join(folder, "target"))).rejects.toThrow("ENOENT");

    await writeFile(join(empty, "mine"), "");
    expect(() => assemble(repository, empty)).toThrow("holds something else");
    expect(await readdir(empty)).toEqual(["mine"]);

    await writeFile(join(product, "stale"), "");
    assemble(repository, product);
    expect(await readdir(product)).not.toContain("stale");
  });
});

async function textAt(url: URL): Promise<string> {
  const answer = await fetch(url);
  const text = await answer.text();
  expect(answer.status, `${url}: ${text.slice(0, 300)}`).toBe(200);
  return text;
}
