import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { childNode } from "../../../src/system/node-program.ts";

it("R4, R16: programs of ours run with a Node that does not hide them", async () => {
  // Root reads everything: effective ids decide here as in the system's own check.
  const folder = await mkdtemp(join(tmpdir(), "waiide-node-"));
  const isRoot = process.geteuid?.() === 0;
  try {
    await chmod(folder, 0o755);
    const hidden = join(folder, "hidden");
    const bin = join(folder, "bin");
    await mkdir(bin);
    for (const file of [hidden, join(bin, "node")]) await copyFile("/bin/sh", file);
    await chmod(hidden, isRoot ? 0o644 : 0o311);
    await chmod(join(bin, "node"), 0o755);
    expect(childNode(join(bin, "node"), "")).toBe(join(bin, "node"));
    expect(childNode(hidden, `relative::/nowhere:${bin}`)).toBe(join(bin, "node"));
    expect(childNode(hidden, "relative:/nowhere")).toBe(hidden);
  } finally {
    await rm(folder, { recursive: true });
  }
});
