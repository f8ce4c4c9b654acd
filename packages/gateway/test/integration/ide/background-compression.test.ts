import { readFileSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type IdeServer, inspectIdeServer } from "../../../src/ide/install/ide-server.ts";
import { BackgroundCompression } from "../../../src/ide/static/background-compression.ts";
import type { CompressionManifest } from "../../../src/ide/static/compression-manifest.ts";
import { ChildProcesses } from "../../../src/system/child-process.ts";
import { makeIde, temporaryFolder } from "../../support/fake-ide.ts";

const program = join(import.meta.dirname, "../../../src/main.ts");

let folder: string;
let server: IdeServer;
let warnings: string[];
let compression: BackgroundCompression;

beforeEach(async () => {
  folder = await temporaryFolder();
  await makeIde(join(folder, "ide"));
  server = (await inspectIdeServer(join(folder, "ide"))) as IdeServer;
  warnings = [];
  const logger = pino({ level: "warn" }, { write: (line: string) => void warnings.push(line) });
  compression = new BackgroundCompression({ program, children: new ChildProcesses(), logger });
});
afterEach(async () => {
  await compression.close();
  await rm(folder, { recursive: true });
});

it("compresses into the cache folder; the IDE's own folder stays unchanged", async () => {
  const { promise, resolve } = Promise.withResolvers<CompressionManifest>();
  compression.start(server, join(folder, "cache"), resolve);
  const manifest = await promise;
  expect(manifest.folder).toBe(join(folder, "cache"));
  const workbench = manifest.files.get("out/vs/code/browser/workbench/workbench.js");
  expect(workbench?.br).toBeLessThan(workbench?.size ?? 0);
  expect(readFileSync(join(folder, "cache/out/vs/code/browser/workbench/workbench.js.br")).length).toBe(workbench?.br);
  expect(() => readFileSync(join(folder, "ide/.compressed/manifest.json"))).toThrow("ENOENT");
  expect(warnings).toEqual([]);
  // It runs with the lowest priority.
}, 600_000);

it("reports a read-only cache folder, and does nothing else", async () => {
  await writeFile(join(folder, "cache"), "a file, not a folder");
  compression.start(server, join(folder, "cache"), () => expect.unreachable());
  await expect.poll(() => warnings.join()).toContain("not compressed beforehand");
});

it("ends at once when the gateway ends", async () => {
  await mkdir(join(folder, "cache"));
  await chmod(join(folder, "cache"), 0o700);
  compression.start(server, join(folder, "cache"), () => expect.unreachable());
  await compression.close();
  expect(warnings).toEqual([]);
});
