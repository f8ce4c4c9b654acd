import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { cleanEnvironment, freePort } from "../support/gateway.ts";
import { HttpClient } from "../support/http/client.ts";
import { opensIde } from "../support/hub/contract.ts";
import { it } from "../support/hub/fixtures.ts";
import { patience } from "../support/patience.ts";
import { Program } from "../support/program.ts";

const vite = resolve(import.meta.dirname, "../../node_modules/vite/bin/vite.js");

describe("R4: an app's own token parameter, behind a real hub", () => {
  let folder: string;
  const programs: Program[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waiide-tokens-"));
  });
  afterAll(async () => {
    for (const program of programs) await program.stop("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  });

  function run(command: string, args: readonly string[], cwd: string, path: readonly string[] = []): Program {
    const own = cleanEnvironment(join(folder, "home"));
    const program = new Program(command, args, { cwd, env: { ...own, PATH: [...path, own.PATH].join(":") } });
    programs.push(program);
    return program;
  }

  it("Vite's socket connects with it, and brings a change into the page", async ({ hub, server, page }) => {
    const site = join(folder, "site");
    const port = await freePort();
    const base = `${server.prefix}absproxy/${port}/`;
    await mkdir(site);
    await writeFile(join(site, "index.html"), '<h1></h1><script type="module" src="./main.js"></script>');
    const write = (word: string) =>
      writeFile(
        join(site, "main.js"),
        `document.querySelector("h1").textContent = "${word}";\nimport.meta.hot.accept(() => {});\n`,
      );
    await write("before");
    const args = [vite, "--base", base, "--port", String(port), "--strictPort", "--host", "127.0.0.1"];
    const program = run(process.execPath, args, site);
    // With CI in the environment Vite writes colors.
    await program.printed(/Local\S*:/);

    const sockets: string[] = [];
    const said: string[] = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));
    page.on("console", (message) => said.push(message.text()));
    await page.goto(new URL(base, server.url).href);
    await hub.loginInBrowser(page, "alice");
    await page.getByRole("heading", { name: "before" }).waitFor();
    await vi.waitFor(() => expect(said).toContain("[vite] connected."), patience);
    expect(sockets.map((url) => new URL(url).searchParams.has("token"))).toEqual([true]);
    await write("after");
    await page.getByRole("heading", { name: "after" }).waitFor();
  });

  it("JupyterLab's lets in, a wrong one does not, and ours does not reach it", async ({ hub, server }) => {
    const bin = await pythonEnvironment(environments.jupyterLab);
    const port = await freePort();
    const own = "lab-token-0123456789abcdef0123456789abcdef01234567";
    const base = `${server.prefix}absproxy/${port}/`;
    const root = process.getuid?.() === 0 ? ["--allow-root"] : [];
    const args = [
      "lab",
      "--no-browser",
      `--ServerApp.base_url=${base}`,
      `--IdentityProvider.token=${own}`,
      "--ServerApp.allow_remote_access=True",
      `--ServerApp.port=${port}`,
      "--ServerApp.port_retries=0",
      ...root,
    ];
    await mkdir(join(folder, "home"), { recursive: true });
    const program = run(join(bin, "jupyter"), args, folder, [dirname(join(bin, "jupyter"))]);
    await program.printed(/is running at/);

    const owner = await hub.login("alice");
    await opensIde(hub, server, owner);
    const { token } = await hub.createToken("alice");
    // A browser with our login only, each time: Jupyter sets a cookie once it has seen its token.
    const cookie = owner.cookies.headerFor(new URL(server.url)) ?? "";
    const status = async (query: string) =>
      (await new HttpClient().fetch(`${new URL(base, server.url).href}api/status${query}`, { cookie })).status;
    expect(await status(`?token=${own}`)).toBe(200);
    expect(await status(`?a=%20&token=${own}&b`)).toBe(200);
    expect(await status("")).toBe(403);
    expect(await status("?token=wrong-one")).toBe(403);
    expect(await status(`?token=${token}`)).toBe(403);
    expect(await status(`?token=${token}&token=${own}`)).toBe(200);
    expect(program.output).not.toContain(token);
    // Wrong tokens, however many, end nobody's session.
    for (let time = 0; time < 15; time += 1) expect(await status(`?token=wrong-one-${time}`)).toBe(403);
    expect((await owner.fetch(`${server.url}api/status`)).status).toBe(200);
  });
});
