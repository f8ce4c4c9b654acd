import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { vi } from "vitest";
import type { Config } from "../../src/config/config.ts";
import type { Ide } from "../../src/ide/ide.ts";
import { listProcesses } from "../../src/system/process-tree.ts";
import { makeIde, write } from "./fake-ide.ts";

export const quiet = pino({ enabled: false });

/** The owner's configuration, with the IDE server of the fixture unless another is named. */
export async function ownersConfig(root: string, ideServer = join(root, "ide")): Promise<Config> {
  if (ideServer === join(root, "ide")) {
    await makeIde(ideServer);
    const fixture = join(import.meta.dirname, "../integration/share/terminal/fixtures/server-main.cjs");
    await write(join(ideServer, "out/server-main.js"), await readFile(fixture));
  }
  return {
    workspace: root,
    ideServer,
    dataFolder: join(root, "owner"),
    cacheFolder: join(root, "cache"),
    ideListen: "unix",
    telemetry: false,
    workspaceTrust: false,
    aiFeatures: false,
    passHubToken: true,
    extensions: ["owner.wish"],
    extensionGallery: undefined,
    defaultSettings: {},
  } as unknown as Config;
}

/** Runs a shell script inside, as a guest would in a terminal. Resolves with what it printed, once the shell has ended. */
export async function runInside(ide: Ide, script: string): Promise<string> {
  await ide.process.whenReady();
  const { body } = await ide.process.backend.request({ path: "/run", method: "POST", body: script });
  return body.text();
}

export const isRunning = (pid: number): boolean => listProcesses().some((one) => one.pid === pid && !one.ended);

/** Waits until a script has written a process id, whole, and gives it. */
export function pidFrom(file: string): Promise<number> {
  return vi.waitFor(
    async () => {
      const text = await readFile(file, "utf8");
      if (!text.endsWith("\n")) throw new Error(`${file} is not written yet`);
      return Number(text);
    },
    { timeout: 90_000, interval: 20 },
  );
}
