import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { zipOf } from "../../packages/gateway/test/support/zip.ts";
import { type Engine, startEngine } from "../../scripts/environments/containers.ts";
import { buildTestImage } from "../support/image.ts";
import { launchBrowser, newPage } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

const name = "waiide-test-python";
const home = "/home/calliope";
let engine: Engine;
let image: string;
let folder: string;

beforeAll(async () => {
  engine = await startEngine();
  folder = await mkdtemp(join(tmpdir(), "waiide-python-"));
  // The container's user reads it.
  await chmod(folder, 0o755);
  const extensions = join(folder, "extensions");
  await vsix(join(extensions, "jupyter 1.vsix"), { publisher: "ms-toolsai", name: "jupyter" });
  const platform = `TargetPlatform="linux-${process.arch}"`;
  await vsix(join(extensions, "python.vsix"), { publisher: "ms-python", name: "Python" }, platform);
  await wheel("by_pip");
  await wheel("by_uv");
  image = await buildTestImage(engine, { target: "waiide-python", contexts: { extensions } });
  // Hardened as docs/docker.md has it. The browser must find it on this machine's own address.
  const options = ["--network=host", "--user=1000:100", "--cap-drop=ALL", "--read-only", `--volume=${home}`];
  await engine.podman(
    ...["run", "-d", "--name", name, ...options, `--volume=${folder}:/given:ro`, image],
    ...["waiide", "--mode=standalone", "--port=0", "--auth=token"],
  );
}, 1_800_000);
afterAll(async () => {
  await engine?.podman("rm", "-f", "-v", "-t", "0", "--ignore", name);
  await rm(folder, { recursive: true, force: true });
  await engine?.close();
});

/** An extension that leaves a file in the workspace once VS Code runs it. */
async function vsix(file: string, identity: { publisher: string; name: string }, attributes = ""): Promise<void> {
  const manifest = { ...identity, version: "1.2.3", engines: { vscode: "^1.84.0" }, main: "main.js" };
  const archive = zipOf({
    "extension.vsixmanifest": `<PackageManifest><Metadata><Identity ${attributes}/></Metadata></PackageManifest>`,
    "extension/package.json": JSON.stringify({ ...manifest, activationEvents: ["*"] }),
    "extension/main.js": `exports.activate = () => require("fs").writeFileSync("${home}/workspace/${identity.name}", "")`,
  });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, archive);
}

/** A package with a module and a program. */
async function wheel(title: string): Promise<void> {
  const about = `${title}-1.0.dist-info`;
  const archive = zipOf({
    [`${title}.py`]: `def main():\n    print("I am ${title}")\n`,
    [`${about}/METADATA`]: `Metadata-Version: 2.1\nName: ${title}\nVersion: 1.0\n`,
    [`${about}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${about}/entry_points.txt`]: `[console_scripts]\n${title} = ${title}:main\n`,
    [`${about}/RECORD`]: "",
  });
  await writeFile(join(folder, `${title}-1.0-py3-none-any.whl`), archive);
}

/** As in a terminal of the user, who cannot write outside their home. */
function shell(command: string): Promise<string> {
  return engine.podman("exec", "--env", `HOME=${home}`, "--workdir", home, name, "bash", "-ic", command);
}

/** Runs a cell in the image's kernel, as an IDE does. @returns what it printed, and how it ended */
async function cell(code: string): Promise<string[]> {
  const client = `
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
print(client.execute_interactive(${JSON.stringify(code)})["content"]["status"])
manager.shutdown_kernel(now=True)
`;
  return (await shell(`python -c '${client}'`)).split("\n");
}

it("a kernel answers, and sees what the user installs with pip and with uv", async () => {
  expect(await shell("jupyter kernelspec list")).toContain("/usr/local/share/jupyter/kernels/python3");
  expect(await cell("print(6 * 7)")).toEqual(["42", "ok"]);
  expect(await cell("import by_pip")).toContain("error");
  await shell("pip install --no-index /given/by_pip-1.0-py3-none-any.whl");
  await shell("uv pip install --prefix ~/.local --no-index /given/by_uv-1.0-py3-none-any.whl");
  expect(await cell("import by_pip, by_uv; by_pip.main(); by_uv.main()")).toEqual(["I am by_pip", "I am by_uv", "ok"]);
  expect(await shell("by_pip; by_uv; which by_pip by_uv")).toBe(
    `I am by_pip\nI am by_uv\n${home}/.local/bin/by_pip\n${home}/.local/bin/by_uv`,
  );
});

it("a folder has its own packages with uv", async () => {
  await shell("mkdir own && cd own && uv venv -q && uv pip install -q --no-index /given/by_uv-1.0-py3-none-any.whl");
  expect(await shell("own/.venv/bin/by_uv; ls own/.venv/bin/python")).toBe("I am by_uv\nown/.venv/bin/python");
});

it("the folder's extensions are built in: VS Code runs them for everybody", async () => {
  const url = await vi.waitFor(async () => {
    const [, address] = /WAIIDE is at (http:\S+)/.exec(await engine.logs(name)) ?? [];
    return address ?? expect.fail("it has not started yet");
  }, patience);
  const browser = await launchBrowser();
  try {
    const { page } = await newPage(browser);
    await page.goto(url);
    await expect.poll(() => shell("ls workspace"), patience).toBe("Python\njupyter");
  } finally {
    await browser.close();
  }
  const versions = await shell(
    "cd /opt/calliope/WAIIDE-server/extensions && stat -c '%A %U %n' ms-toolsai.jupyter ms-python.python",
  );
  expect(versions).toBe("drwxr-xr-x root ms-toolsai.jupyter\ndrwxr-xr-x root ms-python.python");
});

it("R4: holds no way to root and no secret of its build, and lists its parts", async () => {
  const asRoot = (command: string) =>
    engine.podman("run", "--rm", "--network=none", "--entrypoint=sh", image, "-c", command);
  expect(await asRoot("find / -xdev -type f -perm /6000; command -v sudo || echo none")).toBe("none");
  expect(await asRoot("find / -xdev -name pip.conf -o -path '/run/secrets/*' -type f -print; ls -A /root /tmp")).toBe(
    "/root:\n.bashrc\n.profile\n\n/tmp:",
  );
  const list = (part: string) => shell(`jq -r '.components[].purl' /usr/share/waiide/sbom/${part}.cdx.json`);
  expect((await list("python")).split("\n")).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^pkg:pypi\/ipykernel@\d/),
      expect.stringMatching(/^pkg:pypi\/uv@\d/),
    ]),
  );
  expect(await list("extensions")).toBe(
    "pkg:vscode-extension/ms-python/python@1.2.3\npkg:vscode-extension/ms-toolsai/jupyter@1.2.3",
  );
});

it.each([
  [
    "another system's",
    { publisher: "ms-python", name: "debugpy" },
    'TargetPlatform="win32-x64"',
    "it is for win32-x64",
  ],
  ["the same one twice", { publisher: "ms-python", name: "debugpy" }, "", "the folder has ms-python.debugpy twice"],
  ["one that the IDE server has", { publisher: "ms-vscode", name: "js-debug" }, "", "has ms-vscode.js-debug already"],
  ["a path", { publisher: "../x", name: "y" }, "", "its name is ../x.y"],
])("the build ends with the reason of a refusal: %s", async (what, identity, attributes, reason) => {
  const refused = join(folder, what);
  await vsix(join(refused, "a.vsix"), { publisher: "ms-python", name: "debugpy" });
  await vsix(join(refused, "b.vsix"), identity, attributes);
  const mounts = [
    `--volume=${resolve(import.meta.dirname, "../../deploy/docker")}:/docker:ro`,
    `--volume=${refused}:/given:ro`,
  ];
  const command = ["--entrypoint=sh", image, "/docker/add-extensions.sh", "/given", "/tmp/extensions"];
  await expect(engine.podman("run", "--rm", "--network=none", ...mounts, ...command)).rejects.toThrow(reason);
});

it("the image that is built without a target has none of it", async () => {
  const plain = await buildTestImage(engine);
  const has = "command -v uv python; ls /usr/share/waiide/sbom; python3 -c 'import ipykernel'";
  await expect(engine.podman("run", "--rm", "--network=none", "--entrypoint=sh", plain, "-c", has)).rejects.toThrow(
    "No module named",
  );
  expect(JSON.parse(await engine.podman("inspect", "--format", "{{json .Config.Cmd}}", plain))).toEqual(["waiide"]);
});
