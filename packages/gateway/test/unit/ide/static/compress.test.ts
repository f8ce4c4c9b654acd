import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compressStaticFiles } from "../../../../src/ide/static/compress.ts";
import {
  type CompressionManifest,
  compressedVariantOf,
  compressionFolderOf,
  readCompressionManifest,
} from "../../../../src/ide/static/compression-manifest.ts";
import { isWorthCompressing } from "../../../../src/ide/static/static-files.ts";
import { makeIde, temporaryFolder, workbenchSource, write } from "../../../support/fake-ide.ts";

const workbench = "out/vs/code/browser/workbench/workbench.js";
let folder: string;
let server: { folder: string; quality: string; commit: string | undefined; version: string };

beforeEach(async () => {
  folder = await temporaryFolder();
  await makeIde(folder);
  server = { folder, quality: "stable", commit: "c0ffee", version: "1.139.1" };
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function variantsOf(manifest: CompressionManifest, path: string) {
  return compressedVariantOf(manifest, path, await stat(join(folder, path)));
}

describe("what browsers fetch is compressed", () => {
  test.each([
    [true, workbench],
    [true, "out/nls.messages.js"],
    [true, "out/media/codicon.ttf"],
    [true, "out/vs/workbench/contrib/webview/browser/pre/index.html"],
    [true, "node_modules/vscode-oniguruma/release/onig.wasm"],
    [true, "node_modules/@xterm/addon-webgl/lib/addon-webgl.js"],
    [true, "node_modules/katex/dist/katex.min.css"],
    [true, "extensions/python/syntaxes/MagicPython.tmLanguage.json"],
    [true, "extensions/theme-seti/icons/vs-seti-icon-theme.json"],
    [true, "extensions/python/language-configuration.json"],
    [false, "out/server-main.js"],
    [false, "out/server-cli.js"],
    [false, "out/vs/workbench/api/node/extensionHostProcess.js"],
    [false, "out/vs/code/browser/workbench/workbench.js.map"],
    [false, "out/vs/platform/accessibilitySignal/browser/media/error.mp3"],
    [false, "node_modules/ws/lib/websocket.js"],
    [false, "extensions/git/dist/main.js"],
    [false, "extensions/theme-seti/icons/seti.woff"],
    [false, "product.json"],
  ])("%s: %s", (expected, path) => {
    expect(isWorthCompressing(path)).toBe(expected);
  });

  test("into brotli and gzip that decompress to the file, and a manifest that says so", async () => {
    const manifest = await compressStaticFiles({ ...server });
    const { br = "", gz = "" } = await variantsOf(manifest, workbench);
    expect(brotliDecompressSync(await readFile(br)).toString()).toBe(workbenchSource);
    expect(gunzipSync(await readFile(gz)).toString()).toBe(workbenchSource);
    expect(manifest.files.get(workbench)).toMatchObject({
      size: workbenchSource.length,
      br: (await stat(br)).size,
      gz: (await stat(gz)).size,
    });
    expect(await readCompressionManifest(compressionFolderOf(server), server)).toEqual(manifest);
  });

  test("elsewhere, where the IDE's folder is read-only", async () => {
    const to = join(folder, "elsewhere");
    const manifest = await compressStaticFiles({ ...server }, { to });
    expect((await variantsOf(manifest, workbench)).br).toBe(join(to, `${workbench}.br`));
    expect(await readdir(folder)).not.toContain(".compressed");
  });

  test("skips files that do not shrink and tiny ones", async () => {
    await write(join(folder, "out/vs/noise.wasm"), randomBytes(4096));
    await write(join(folder, "out/vs/tiny.js"), "tiny");
    const manifest = await compressStaticFiles({ ...server });
    expect(await variantsOf(manifest, "out/vs/noise.wasm")).toEqual({});
    expect(manifest.files.has("out/vs/tiny.js")).toBe(false);
    expect((await readdir(join(folder, ".compressed/out/vs"))).sort()).toEqual(["code"]);
  });

  test("and progress goes from nothing to all", async () => {
    const seen: number[] = [];
    await compressStaticFiles({ ...server }, { onProgress: (fraction) => seen.push(fraction) });
    expect(seen.at(-1)).toBeCloseTo(1);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
  });
});

describe("a changed IDE build is noticed", () => {
  test("a file with another size or time has no variants until it is compressed again", async () => {
    const manifest = await compressStaticFiles({ ...server });
    await writeFile(join(folder, workbench), workbenchSource.toUpperCase());
    await utimes(join(folder, workbench), 1e9, 1e9);
    expect(await variantsOf(manifest, workbench)).toEqual({});

    const { br = "" } = await variantsOf(await compressStaticFiles({ ...server }), workbench);
    expect(brotliDecompressSync(await readFile(br)).toString()).toBe(workbenchSource.toUpperCase());
  });

  test("archives that keep whole seconds only change nothing", async () => {
    const manifest = await compressStaticFiles({ ...server });
    const { size, mtimeMs } = await stat(join(folder, workbench));
    const truncated = { size, mtimeMs: Math.floor(mtimeMs / 1000) * 1000 };
    expect(compressedVariantOf(manifest, workbench, truncated)).toHaveProperty("br");
  });

  test.each([{ commit: "decaf" }, { commit: undefined }, { quality: "insider" }, { version: "1.140.0" }])(
    "a manifest of another build is none: %j",
    async (difference) => {
      await compressStaticFiles({ ...server });
      expect(await readCompressionManifest(compressionFolderOf(server), { ...server, ...difference })).toBeUndefined();
    },
  );

  test.each(["", "{", "[]", '{"format":2}', '{"format":1,"files":{"a":7},"quality":"q","version":"v"}'])(
    "a manifest holding %j is none",
    async (text) => {
      await write(join(folder, ".compressed/manifest.json"), text);
      expect(await readCompressionManifest(compressionFolderOf(server), server)).toBeUndefined();
    },
  );
});

describe("keeps existing files, creates missing ones", () => {
  test("a second run writes nothing", async () => {
    await compressStaticFiles({ ...server });
    const before = await stat(join(folder, `.compressed/${workbench}.br`));
    const manifestBefore = await stat(join(folder, ".compressed/manifest.json"));
    await compressStaticFiles({ ...server });
    expect((await stat(join(folder, `.compressed/${workbench}.br`))).ino).toBe(before.ino);
    expect((await stat(join(folder, ".compressed/manifest.json"))).ino).toBe(manifestBefore.ino);
  });

  test("a damaged variant is made again", async () => {
    await compressStaticFiles({ ...server });
    const br = join(folder, `.compressed/${workbench}.br`);
    await truncate(br, 3);
    await compressStaticFiles({ ...server });
    expect(brotliDecompressSync(await readFile(br)).toString()).toBe(workbenchSource);
  });

  test("stopped half-way: no manifest, no part of a file", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(compressStaticFiles({ ...server }, { signal: stop.signal })).rejects.toThrow("enough");
    expect(await readCompressionManifest(compressionFolderOf(server), server)).toBeUndefined();
    await mkdir(compressionFolderOf(server), { recursive: true });
    const left = await readdir(compressionFolderOf(server), { recursive: true });
    expect(left.filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});
