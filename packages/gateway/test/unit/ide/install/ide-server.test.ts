import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../../../src/base/errors.ts";
import { distributionOf, distributions, parseProduct } from "../../../../src/ide/install/distributions.ts";
import { type IdeServer, inspectIdeServer } from "../../../../src/ide/install/ide-server.ts";
import {
  codeServerProduct,
  elfHeader,
  machines,
  makeIde,
  ownMachine,
  temporaryFolder,
  write,
} from "../../../support/fake-ide.ts";

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function usable(path: string): Promise<IdeServer> {
  const found = await inspectIdeServer(path);
  if (found instanceof GatewayError) throw found;
  return found;
}

async function refused(path: string): Promise<GatewayError> {
  const found = await inspectIdeServer(path);
  if (!(found instanceof GatewayError)) throw new Error(`${path} was accepted`);
  return found;
}

describe("distributions are told apart by product.json", () => {
  test.each([
    ["waiide", { nameShort: "WAIIDE", applicationName: "waiide" }],
    ["code-server", codeServerProduct],
    ["code-server", { applicationName: "code-server" }],
    ["openvscode-server", { nameShort: "OpenVSCode Server", serverApplicationName: "openvscode-server" }],
    ["microsoft", { nameLong: "Visual Studio Code", serverApplicationName: "code-server" }],
    ["microsoft", { nameLong: "Visual Studio Code - Insiders" }],
    ["other", { nameShort: "Code - OSS" }],
    ["other", {}],
  ])("%s: %j", (id, product) => {
    const parsed = parseProduct(JSON.stringify(product));
    expect(parsed && distributionOf(parsed).id).toBe(id);
  });

  test("only code-server is tested, and says so", () => {
    expect(distributions.filter(({ tested }) => tested).map(({ id }) => id)).toEqual(["code-server"]);
  });

  test.each(["", "[]", "null", "{", '"text"'])("product.json holding %j is none", (text) => {
    expect(parseProduct(text)).toBeUndefined();
  });
});

describe("an IDE server that can run here", () => {
  test("is described: versions, static path, main script, Node", async () => {
    await makeIde(folder);
    expect(await usable(folder)).toMatchObject({
      folder,
      productName: "code-server",
      version: "1.139.1",
      release: "4.139.1",
      commit: "c0ffee",
      quality: "stable",
      staticPrefix: "/stable-c0ffee/static/",
      mainScript: join(folder, "out/server-main.js"),
      node: process.execPath,
    });
  });

  test("is found in lib/vscode of a code-server package", async () => {
    await makeIde(join(folder, "lib/vscode"));
    expect((await usable(folder)).folder).toBe(join(folder, "lib/vscode"));
  });

  test("without quality and commit is served where VS Code itself falls back to", async () => {
    await makeIde(folder, { product: { nameShort: "WAIIDE", version: "1.100.0" } });
    expect(await usable(folder)).toMatchObject({ staticPrefix: "/oss-dev/static/", commit: undefined });
  });

  test("is run by the Node that it brings", async () => {
    await makeIde(folder, { product: { nameShort: "WAIIDE" } });
    await write(join(folder, "node"), elfHeader(ownMachine), 0o755);
    expect((await usable(folder)).node).toBe(join(folder, "node"));
  });
});

describe("an IDE server that cannot run here is refused with the reason", () => {
  test("no such folder, or an empty one: IDE_MISSING", async () => {
    expect((await refused(join(folder, "none"))).code).toBe("IDE_MISSING");
    expect((await refused(folder)).code).toBe("IDE_MISSING");
  });

  test("another folder", async () => {
    await write(join(folder, "README"), "hello");
    const error = await refused(folder);
    expect(error.code).toBe("IDE_UNUSABLE");
    expect(error.message).toContain("holds no product.json");
  });

  test("unreadable product.json", async () => {
    await makeIde(folder);
    await writeFile(join(folder, "product.json"), "<html>");
    expect((await refused(folder)).message).toContain("not a JSON object");
  });

  test("a desktop VS Code", async () => {
    await makeIde(folder);
    await rm(join(folder, "out/server-main.js"));
    expect((await refused(folder)).message).toContain("out/server-main.js is missing");
  });

  test("modules not installed", async () => {
    await makeIde(folder, { modules: false });
    expect((await refused(folder)).message).toContain("node_modules are missing");
  });

  test("a native module not compiled", async () => {
    await makeIde(folder);
    await rm(join(folder, "node_modules/@vscode/spdlog/build"), { recursive: true });
    expect((await refused(folder)).message).toContain("native module @vscode/spdlog is missing");
  });

  test.runIf(process.platform === "linux")("wrong architecture, of a module", async () => {
    const other = ownMachine === machines.x64 ? "arm64" : "x64";
    await makeIde(folder, { machine: machines[other] });
    const error = await refused(folder);
    expect(error.code).toBe("IDE_UNUSABLE");
    expect(error.message).toContain(`built for ${other}, but this machine is ${process.arch}`);
    expect(error.action).toContain("waiide ide install");
  });

  test.runIf(process.platform === "linux")("wrong architecture, of the Node that it brings", async () => {
    await makeIde(folder, { product: { nameShort: "WAIIDE" } });
    await write(join(folder, "node"), elfHeader(40), 0o755);
    expect((await refused(folder)).message).toContain("built for arm,");
  });

  test.runIf(process.platform === "linux")("a module for another system", async () => {
    await makeIde(folder);
    await write(join(folder, "node_modules/@vscode/spdlog/build/Release/spdlog.node"), "MZ, a Windows program");
    expect((await refused(folder)).message).toContain("not a Linux program or module");
  });
});
