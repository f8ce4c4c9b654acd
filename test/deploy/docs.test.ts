import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Engine, startEngine } from "../../scripts/environments/containers.ts";
import { fencedBlocks } from "../support/fenced-blocks.ts";
import { patience } from "../support/patience.ts";
import { builtImage } from "./built-image.ts";

/** Blocks of docs/docker.md that no test has run yet. */
const blocks = await fencedBlocks("docker.md");
const left = new Set(blocks);

function take(...parts: string[]): string {
  const block = [...left].find(({ text }) => parts.every((part) => text.includes(part)));
  if (block === undefined) throw new Error(`docs/docker.md has no block left with ${parts.join(", ")}`);
  left.delete(block);
  return block.text;
}

/** The words of a shell command, over several lines as docs have it. */
function words(command: string): string[] {
  return command.replaceAll("\\\n", " ").trim().split(/\s+/);
}

const name = "waiide-test-docs";
const volume = "waiide-test-docs-home";
let engine: Engine;
let image: string;

beforeAll(async () => {
  engine = await startEngine();
  image = await builtImage(engine);
}, 1_800_000);
afterAll(async () => {
  await engine?.podman("rm", "-f", "-t", "0", "--ignore", name);
  await engine?.podman("volume", "rm", "--force", volume);
  await engine?.close();
});

it("the documented commands build the images", () => {
  // The tests' own command has the options of the table besides; see Engine.build.
  expect(words(take("docker build", "-t waiide ."))).toEqual(
    "docker build -f deploy/docker/Dockerfile -t waiide .".split(" "),
  );
  expect(words(take("docker build", "-t waiide-python ."))).toEqual(
    "docker build -f deploy/docker/Dockerfile --target waiide-python -t waiide-python .".split(" "),
  );
});

it("more programs can be added", async () => {
  const folder = await mkdtemp(join(tmpdir(), "waiide-docs-"));
  try {
    // A small one in place of R.
    const text = take("FROM waiide").replace("FROM waiide", `FROM ${image}`).replace("r-base", "sl");
    await writeFile(join(folder, "Dockerfile"), text);
    await engine.podman("build", "--isolation=chroot", "-t", "localhost/waiide-test-more", folder);
    const found = await engine.podman(
      "run",
      "--rm",
      "--entrypoint=sh",
      "localhost/waiide-test-more",
      "-c",
      "ls /usr/games/sl",
    );
    expect(found).toBe("/usr/games/sl");
  } finally {
    await engine.podman("rmi", "--ignore", "localhost/waiide-test-more");
    await rm(folder, { recursive: true });
  }
});

it("runs alone with a token, also hardened, and can be inspected", async () => {
  const look = take("docker exec <container> waiide doctor");
  for (const command of [take("docker run", "waiide-home:/home/calliope waiide waiide"), take("--cap-drop ALL")]) {
    // The port need not be free here, and the home is the test's own.
    const args = words(command.replace("-p 8070:8070", `-d --name ${name}`).replace("waiide-home:", `${volume}:`));
    const at = args.indexOf("waiide");
    await engine.podman(...args.slice(1).with(at - 1, image));
    await expect
      .poll(
        () =>
          engine.podman("exec", name, "waiide", "health").then(
            () => true,
            () => false,
          ),
        patience,
      )
      .toBe(true);
    expect(await engine.logs(name)).toMatch(/WAIIDE is at http:\/\/\S+\/\?token=[0-9a-f]{48}\n/);
    for (const line of look.trim().split("\n")) {
      const [program, ...rest] = words(line.replace("<container>", name));
      expect(program).toBe("docker");
      await engine.podman(...rest);
    }
    await engine.podman("rm", "-f", "--ignore", name);
  }
});

it("what is left is the hub's, and run by hub.test.ts in other words", () => {
  take("docker network create waiide", "pip install jupyterhub dockerspawner jupyterhub-idle-culler");
  take('load_subconfig("docker.py")');
  // python.test.ts runs these with packages of its own.
  take("pip install", "uv pip install --prefix ~/.local");
  expect([...left].map(({ text }) => text)).toEqual([]);
});
