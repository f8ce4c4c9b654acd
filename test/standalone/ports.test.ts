import { once } from "node:events";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { freePort, type RunningGateway, startGateway } from "../support/gateway.ts";
import { patience } from "../support/patience.ts";
import { Program } from "../support/program.ts";

const repository = resolve(import.meta.dirname, "../..");
const docs = await readFile(join(repository, "docs/ports.md"), "utf8");
const prefix = "/user/alice/";

/** What FastAPI's and Flask's own documentation begins with, and links that they make. */
const fastApi = `
from fastapi import FastAPI, Request
app = FastAPI()
@app.get("/items/")
def items(request: Request):
    return {"link": str(request.url_for("items"))}
`;
const flask = `
from flask import Flask, redirect, url_for
app = Flask(__name__)
@app.get("/items/")
def items():
    return {"link": url_for("items", _external=True)}
@app.get("/go")
def go():
    return redirect(url_for("items", _external=True))
`;
const withProxyFix = `${flask}
from werkzeug.middleware.proxy_fix import ProxyFix
app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)
`;

let gateway: RunningGateway;
let bin: string;
const started: Program[] = [];
beforeAll(async () => {
  bin = await pythonEnvironment(environments.webFrameworks);
  gateway = await startGateway({ arguments: ["--base-url", prefix, "--allowed-hosts", "hub.example.org"] });
});
afterAll(async () => {
  for (const program of started) await program.stop();
  await gateway.stop();
});

/** The command that docs/ports.md has for a program, as a shell runs it, on another port. */
function documented(program: string, port: number): string {
  const row = new RegExp(`^\\| ${program}[^|]*\\| \`([^\`]+)\``, "m").exec(docs);
  if (row === null) throw new Error(`docs/ports.md has no command for ${program}`);
  return (row[1] ?? "").replaceAll(/\b(5000|5173|8000)\b/g, String(port));
}

async function start(command: string, port: number, folder: string, mount = "proxy"): Promise<string> {
  const env = { ...process.env, PATH: `${bin}:${repository}/node_modules/.bin:${process.env.PATH}` };
  started.push(
    new Program("bash", ["-c", `exec env ${command}`], {
      cwd: folder,
      env: { ...env, JUPYTERHUB_SERVICE_PREFIX: prefix },
    }),
  );
  const url = `${gateway.url}${mount}/${port}/`;
  await expect.poll(async () => (await fetch(url)).status, patience).not.toBe(502);
  return url;
}

/** As a browser that has opened the server under another name. */
async function statusFor(url: string, host: string): Promise<number> {
  const [answer] = (await once(get(url, { headers: { host } }), "response")) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

async function folderWith(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(gateway.workspace, name);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return folder;
}

describe("docs/ports.md, each tried", () => {
  it("R6: FastAPI's slash redirect stays under the prefix, with or without root_path", async () => {
    const folder = await folderWith("fastapi", { "app.py": fastApi });
    const told = await freePort();
    const url = await start(documented("FastAPI", told), told, folder);
    const answer = await fetch(`${url}items`);
    expect([answer.redirected, answer.url]).toEqual([true, `${url}items/`]);
    expect(await answer.json()).toEqual({ link: `${url}items/` });
    expect(await (await fetch(`${url}docs`)).text()).toContain(`'${prefix}proxy/${told}/openapi.json'`);

    const untold = await freePort();
    const plain = await start(`uvicorn app:app --port ${untold}`, untold, folder);
    const other = await fetch(`${plain}items`);
    expect([other.status, other.url]).toEqual([200, `${plain}items/`]);
    // Links in an answer's body are the program's own business.
    expect(await other.json()).toEqual({ link: `${new URL(plain).origin}/items/` });
  });

  it("R6: Flask's redirects stay under the prefix, and with ProxyFix so do its links", async () => {
    const port = await freePort();
    const url = await start(documented("Flask", port), port, await folderWith("flask", { "app.py": flask }));
    for (const path of ["items", "go"]) {
      const answer = await fetch(url + path);
      expect([path, answer.status, answer.url]).toEqual([path, 200, `${url}items/`]);
    }
    const fixed = await freePort();
    const folder = await folderWith("flask-fixed", { "app.py": withProxyFix });
    const told = await start(documented("Flask", fixed), fixed, folder);
    const answer = await fetch(`${told}go`);
    expect(answer.url).toBe(`${told}items/`);
    expect(await answer.json()).toEqual({ link: `${told}items/` });
  });

  it("Vite, which refuses hosts that it does not know", async () => {
    const configuration = /```js\n([\s\S]*?)```/.exec(docs)?.[1] ?? "";
    const page = '<script type="module" src="./main.js"></script>';
    const files = { "index.html": page, "main.js": "", "package.json": '{"type":"module"}' };
    const folder = await folderWith("vite", { ...files, "vite.config.js": configuration });
    await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
    const port = await freePort();
    const url = await start(`${documented("Vite", port)} --strictPort`, port, folder, "absproxy");
    expect(await (await fetch(url)).text()).toContain(`src="${prefix}absproxy/${port}/main.js"`);
    expect(await statusFor(url, "hub.example.org")).toBe(200);

    await rm(join(folder, "vite.config.js"));
    const strict = await freePort();
    const refusing = await start(`${documented("Vite", strict)} --strictPort`, strict, folder, "absproxy");
    expect(await statusFor(refusing, "hub.example.org")).toBe(403);
  });
});
