import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { fencedBlocks } from "../support/fenced-blocks.ts";

it("docs/jupyterhub.md: the commands install a hub and its proxy", async () => {
  const block = (await fencedBlocks("jupyterhub.md")).find(({ text }) => text.includes("pip install jupyterhub"));
  const folder = await mkdtemp(join(tmpdir(), "waiide-docs-"));
  const script = `${block?.text}\nhub/bin/jupyterhub --version\nhub/node_modules/.bin/configurable-http-proxy --version`;
  try {
    const { stdout } = await promisify(execFile)("bash", ["-ec", script], { cwd: folder, maxBuffer: 2 ** 24 });
    expect(stdout).toMatch(/\n\d+\.\d+\.\d+\n\d+\.\d+\.\d+\n$/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
