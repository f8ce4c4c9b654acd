import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { linkExtensions } from "../../../src/ide/extensions/linked-extensions.ts";
import { OwnExtension, ownExtensionFile, ownExtensionId } from "../../../src/ide/extensions/own-extension.ts";
import { type Distribution, distributions } from "../../../src/ide/install/distributions.ts";
import { type IdeServer, inspectIdeServer } from "../../../src/ide/install/ide-server.ts";
import { IdeProcess } from "../../../src/ide/server/process.ts";
import { ChildProcesses } from "../../../src/system/child-process.ts";
import { realIdeServer } from "../../support/real-ide.ts";
import { zipOf } from "../../support/zip.ts";

const mainScript = join(import.meta.dirname, "fixtures", "server-main.cjs");
const patience = { timeout: 60_000, interval: 20 };
const logger = pino({ enabled: false });
const [waiide, other] = [distributions[0], distributions.at(-1)] as [Distribution, Distribution];

let root: string;
let file: string;
let extensions: string;
let ide: IdeProcess | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "waiide-own-"));
  file = join(root, "waiide-hub.vsix");
  extensions = join(root, "data", "extensions");
  await mkdir(join(root, "workspace"));
  await mkdir(join(root, "ide", "extensions"), { recursive: true });
  await makeVsix("1.0.0", "// first");
});
afterEach(async () => {
  await ide?.close();
  await rm(root, { recursive: true, force: true });
});

/** What VS Code needs of a .vsix, and no more. */
async function makeVsix(version: string, code: string): Promise<void> {
  const manifest = {
    name: "waiide-hub",
    publisher: "waiide",
    version,
    engines: { vscode: "^1.84.0" },
    main: "./main.js",
  };
  const identity = `<Identity Language="en-US" Id="waiide-hub" Version="${version}" Publisher="waiide"/>`;
  await writeFile(
    file,
    zipOf({
      "extension/package.json": JSON.stringify(manifest),
      "extension/main.js": code,
      "extension.vsixmanifest": `<?xml version="1.0"?><PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata>${identity}</Metadata></PackageManifest>`,
    }),
  );
}

function start(server: IdeServer): IdeProcess {
  const extension = new OwnExtension({ file, dataFolder: join(root, "data"), logger });
  ide = new IdeProcess({
    config: {
      workspace: join(root, "workspace"),
      dataFolder: join(root, "data"),
      ideListen: "unix",
      telemetry: false,
      workspaceTrust: false,
      disableFileDownloads: false,
      disableFileUploads: false,
      extensions: [],
    },
    inspect: () => Promise.resolve(server),
    socketPath: join(root, "ide.sock"),
    environment: { PATH: process.env.PATH ?? "", VSCODE_SKIP_BUILTIN_EXTENSIONS: "GitHub.copilot-chat" },
    children: new ChildProcesses(),
    prepare: (found) => extension.prepare(found),
    logger,
    timing: { firstWait: 20, grace: 500 },
  });
  ide.start();
  return ide;
}

function fake(distribution: Distribution): IdeServer {
  return { mainScript, node: process.execPath, folder: join(root, "ide"), distribution } as IdeServer;
}

/** One life of the server; returns the command line of its first start. */
async function once(server: IdeServer): Promise<string> {
  await rm(join(root, "data", "runs.txt"), { force: true });
  await start(server).whenReady();
  await ide?.close();
  return (await readFile(join(root, "data", "runs.txt"), "utf8")).trim().split("\n")[0] ?? "";
}

type Listed = { identifier: { id: string }; version: string; metadata?: { isBuiltin?: boolean } };

async function listed(): Promise<Listed[]> {
  const list = join(extensions, "extensions.json");
  return existsSync(list) ? JSON.parse(await readFile(list, "utf8")) : [];
}

async function list(...ids: readonly string[]): Promise<void> {
  await mkdir(extensions, { recursive: true });
  const entries = ids.map((id) => ({ identifier: { id }, version: "1.0.0" }));
  await writeFile(join(extensions, "extensions.json"), JSON.stringify(entries));
}

test("a server that takes built-ins gets it once before its start, until it changes", async () => {
  const option = `--install-builtin-extension ${file} --force`;
  expect(await once(fake(waiide))).toContain(option);
  const runs = (await readFile(join(root, "data", "runs.txt"), "utf8")).trim().split("\n");
  expect(runs.map((run) => [run.includes("install"), run.includes("--socket-path")])).toEqual([
    [true, false],
    [false, true],
  ]);
  await list(ownExtensionId);
  expect(await once(fake(waiide))).not.toContain("install");
  // The same version, other content.
  await makeVsix("1.0.0", "// second");
  expect(await once(fake(waiide))).toContain(option);
  expect(await once(fake(waiide))).not.toContain("install");
  await list("ms-python.python");
  expect(await once(fake(waiide))).toContain(option);
});

test("a server that is not known gets it as users' extensions are installed", async () => {
  expect(await once(fake(other))).toContain(`--install-extension ${file}`);
});

test("without the file the IDE still starts", async () => {
  await rm(file);
  expect(await once(fake(waiide))).not.toContain("install");
});

test("it replaces a former one, in the IDE's folder and among the user's extensions", async () => {
  const former = join(root, "ide", "extensions", "calliope-WAIIDE-agent");
  const bystander = join(root, "ide", "extensions", "calliope-waiide-agent-theme");
  for (const [folder, name] of [
    [former, "calliope-WAIIDE-agent"],
    [bystander, "calliope-waiide-agent-theme"],
  ] as const) {
    await mkdir(folder);
    await writeFile(join(folder, "package.json"), JSON.stringify({ publisher: "Calliope", name }));
  }
  await list("calliope-ai.calliope-WAIIDE-agent", "ms-python.python");
  const process = start(fake(waiide));
  await process.whenReady();
  const { body } = await process.backend.request({ path: "/environment", method: "GET" });
  const environment = (await body.json()) as Record<string, string>;
  expect(environment.VSCODE_SKIP_BUILTIN_EXTENSIONS).toBe("GitHub.copilot-chat,calliope.calliope-waiide-agent");
  expect((await listed()).map(({ identifier }) => identifier.id)).toEqual(["ms-python.python"]);
});

test("R16: guests' IDEs do not get it, but all else that the owner installed", async () => {
  await mkdir(join(extensions, "a"), { recursive: true });
  const entry = (id: string) => ({ identifier: { id }, version: "1.0.0", relativeLocation: "a" });
  await writeFile(join(extensions, "extensions.json"), JSON.stringify([entry(ownExtensionId), entry("ada.theme")]));
  const guests = join(root, "guests");
  await linkExtensions(extensions, guests, logger);
  const linked = JSON.parse(await readFile(join(guests, "extensions.json"), "utf8")) as Listed[];
  expect(linked.map(({ identifier }) => identifier.id)).toEqual(["ada.theme"]);
});

test("a real server lists it as a built-in; the server's own folder stays unchanged", async () => {
  const server = await inspectIdeServer(realIdeServer);
  if (server instanceof GatewayError) throw server;
  const version = async () => (await listed()).map(({ version: one, metadata }) => [one, metadata?.isBuiltin]);
  await start(server).whenReady();
  await vi.waitFor(async () => expect(await version()).toEqual([["1.0.0", true]]), patience);
  await ide?.close();
  expect(existsSync(join(realIdeServer, "extensions", "waiide.waiide-hub-1.0.0"))).toBe(false);
  // Also an older one, where WAIIDE itself was set back.
  await makeVsix("0.9.0", "// before");
  await start(server).whenReady();
  await vi.waitFor(async () => expect(await version()).toEqual([["0.9.0", true]]), patience);
  expect(await readFile(join(extensions, "waiide.waiide-hub-0.9.0", "main.js"), "utf8")).toBe("// before");
});

test("it is next to the gateway, or where its package is built", () => {
  expect(ownExtensionFile("/x/packages/gateway/dist", "/x/packages/gateway/dist/gateway.cjs")).toBe(
    "/x/packages/extension/dist/waiide-hub.vsix",
  );
  expect(
    ownExtensionFile("/x/packages/gateway/src/ide/server", "/x/packages/gateway/src/ide/server/page-script.ts"),
  ).toBe("/x/packages/extension/dist/waiide-hub.vsix");
  expect(ownExtensionFile(root, join(root, "gateway.cjs"))).toBe(file);
});
