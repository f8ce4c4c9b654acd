import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { chooseSettings } from "../../../src/environment/chosen-settings.ts";
import { devcontainerProblem } from "../../../src/environment/devcontainer.ts";
import { describeEnvironment } from "../../../src/environment/environment.ts";
import { readInstalledExtensions } from "../../../src/environment/installed-extensions.ts";
import { imageFor, locksIn } from "../../../src/environment/locks.ts";
import { readPython } from "../../../src/environment/python.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-environment-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const choice = { files: true, settings: ["editor.tabSize"], extensions: true };

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function sourceOf(
  files: Readonly<Record<string, string>>,
  folder: string,
  variables: Readonly<Record<string, string>> = {},
) {
  return {
    files: { paths: Object.keys(files), read: async (path: string) => files[path] },
    folder,
    name: "tides",
    server: {
      dataFolder: join(folder, "data"),
      variables,
      profile: "large",
      settings: async () => ['{"editor.tabSize": 3}'],
    },
  };
}

/** An environment as pip leaves it: nothing in it can be run. */
function environmentOf(folder: string): void {
  const site = ".venv/lib/python3.11/site-packages";
  write(folder, {
    ".venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.4\n",
    [`${site}/numpy-2.1.0.dist-info/METADATA`]: "",
    [`${site}/tides-1.0.dist-info/direct_url.json`]: '{"url": "https://ana:secret@git.example/tides"}',
    [`${site}/$(id)-1.dist-info/METADATA`]: "",
  });
}

it("a generated devcontainer.json has image, packages, extensions and settings", async () => {
  environmentOf(folder);
  write(folder, {
    "data/extensions/extensions.json": JSON.stringify([
      { identifier: { id: "ms-python.python" }, version: "1.2.3", metadata: { source: "gallery" } },
      { identifier: { id: "ana.own" }, version: "1.0.0", metadata: { source: "vsix" } },
      { identifier: { id: "../x.y" }, version: "1", metadata: { source: "gallery" } },
      { identifier: { id: "waiide.hub" }, version: "1", metadata: {} },
      "damaged",
    ]),
  });
  const environment = await describeEnvironment(sourceOf({ "main.py": "" }, folder), choice);
  expect(JSON.parse(environment.written.get(".devcontainer/devcontainer.json") ?? "")).toEqual({
    name: "tides",
    image: "mcr.microsoft.com/devcontainers/python:3.11",
    postCreateCommand: { pip: "pip install --user -r .devcontainer/requirements.txt" },
    customizations: { vscode: { extensions: ["ms-python.python"], settings: { "editor.tabSize": 3 } } },
  });
  expect(environment.written.get(".devcontainer/requirements.txt")).toMatch(/\nnumpy==2\.1\.0\n$/);
  expect(environment).toMatchObject({
    python: "3.11.4",
    packagesLeftOut: ["tides"],
    extensions_left_out: ["ana.own"],
    locks: [{ path: ".devcontainer/requirements.txt", tool: "pip", frozen: true }],
    settingsLeftOut: [],
  });
  expect(environment.runs.filter(({ offered }) => offered)).toHaveLength(1);
});

it("the owner's devcontainer.json and locks stay as they are", async () => {
  environmentOf(folder);
  const files = { ".devcontainer.json": '{"image": "own", /* mine */}', "uv.lock": "", "package-lock.json": "{}" };
  const environment = await describeEnvironment(sourceOf(files, folder), choice);
  expect([...environment.written.keys()]).toEqual([]);
  expect(environment.devcontainer).toEqual({ path: ".devcontainer.json", generated: false });
  expect(environment.locks.map(({ tool, frozen }) => [tool, frozen])).toEqual([
    ["uv", false],
    ["npm", false],
  ]);
});

it.for([
  ["[]", "it is not a JSON object"],
  ["{", "it is not a JSON object"],
  ['{"name": "x"}', "it names neither an image nor how to build one"],
  ['{"image": 3}', "image must be string"],
  ['{"image": "x", "postCreateCommand": 3}', "postCreateCommand must"],
] as const)("a devcontainer.json that no tool could use is named: %s", async ([text, why]) => {
  const files = { ".devcontainer/devcontainer.json": text };
  const environment = await describeEnvironment(sourceOf(files, folder), choice);
  expect(environment.problem).toContain(why);
  expect(environment.devcontainer).toBeNull();
});

it("an owner's devcontainer.json may have comments, trailing commas and unknown keys", () => {
  expect(devcontainerProblem('// x\n{"build": {"dockerfile": "D"}, "x": {}, }')).toBeUndefined();
});

it("a setting that is or looks like a secret never leaves", () => {
  const keys = ["a.token", "b.url", "c.map", "d.size", "e.missing", "__proto__"];
  const own = { "b.url": "https://ana:hunter22@host.example/x", "c.map": { apiKey: "x" }, "d.size": 1, "a.token": "x" };
  const { settings, leftOut } = chooseSettings(keys, [undefined, own, { "d.size": 2 }]);
  expect(settings).toEqual({ "d.size": 1 });
  expect(leftOut.map(({ key }) => key)).toEqual(["a.token", "b.url", "c.map", "e.missing", "__proto__"]);
  expect(JSON.stringify(leftOut)).not.toContain("hunter22");
});

it("packages are read, not run, and a password in their address is not told", async () => {
  environmentOf(folder);
  expect(await readPython(folder, {})).toEqual({
    version: "3.11.4",
    packages: ["numpy==2.1.0"],
    elsewhere: ["tides"],
  });
  expect(await readPython(join(folder, "data"), {})).toBeUndefined();
  expect((await readPython("/nowhere", { CONDA_PREFIX: join(folder, ".venv") }))?.version).toBe("3.11.4");
});

it("a list of extensions that is half written, or missing, says nothing", async () => {
  expect(await readInstalledExtensions(folder)).toEqual({ fromGallery: [], fromFiles: [] });
  write(folder, { "extensions/extensions.json": '[{"identifier"' });
  expect(await readInstalledExtensions(folder)).toEqual({ fromGallery: [], fromFiles: [] });
});

it("the image is the one that has the tool, and otherwise the interpreter's", () => {
  expect(imageFor(locksIn(["environment.yml"]), "3.12.1")).toContain("/miniconda:");
  expect(imageFor(locksIn(["requirements.txt"]), "3.12.1")).toContain("/python:3.12");
  expect(imageFor(locksIn(["package-lock.json"]), undefined)).toContain("/javascript-node:");
  expect(imageFor([], undefined)).toContain("/base:");
});

it("a public image of Jupyter is used, and any other is only named", async () => {
  const described = async (image: string) => {
    const { image: name, written } = await describeEnvironment(sourceOf({}, folder, { JUPYTER_IMAGE: image }), choice);
    return [name, JSON.parse(written.get(".devcontainer/devcontainer.json") ?? "{}").image];
  };
  const jupyter = "quay.io/jupyter/scipy-notebook:2026-01-05";
  expect(await described(jupyter)).toEqual([jupyter, jupyter]);
  expect(await described("registry.local/class:1")).toEqual([
    "registry.local/class:1",
    "mcr.microsoft.com/devcontainers/base:debian",
  ]);
  expect((await described("https://ana:hunter22@registry.local/x"))[0]).toBeNull();
});

it("kernels are those that notebooks name", async () => {
  const notebook = JSON.stringify({ metadata: { kernelspec: { name: "python3", language: "python" } } });
  const files = { "a.ipynb": notebook, "b.ipynb": notebook, "c.ipynb": "{" };
  const { kernels } = await describeEnvironment(sourceOf(files, folder), choice);
  expect(kernels).toEqual([{ name: "python3", language: "python" }]);
});
