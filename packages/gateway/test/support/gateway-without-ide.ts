import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { onTestFinished } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import type { SettingName } from "../../src/config/settings/settings.ts";
import { Gateway } from "../../src/gateway.ts";
import { type Answer, askAt, upgradeStatusAt } from "./asking.ts";

export const token = "0123456789abcdef0123456789abcdef";

/** Removed at the end of the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "waiide-gateway-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

interface StartOptions {
  readonly folder?: string;
  readonly logger?: pino.Logger;
}

/** A gateway without an IDE server, for tests that need none. It closes at the end of the test. */
export async function startGateway(
  flags: Partial<Record<SettingName, string | boolean>> = {},
  { folder = temporaryFolder(), logger = pino({ level: "silent" }) }: StartOptions = {},
): Promise<Gateway> {
  const settings = {
    port: "0",
    workspace: folder,
    "data-dir": join(folder, "data"),
    "ide-server": join(folder, "no-ide"),
    ...flags,
  };
  const config = loadConfig({
    environment: {},
    flags: new Map(Object.entries(settings) as [SettingName, string][]),
    administratorFile: join(folder, "none.json"),
    userFile: join(folder, "none.json"),
  });
  const gateway = await Gateway.start(config, logger);
  onTestFinished(() => gateway.close());
  return gateway;
}

export function ask(gateway: Gateway, path: string, options?: Parameters<typeof askAt>[2]): Promise<Answer> {
  return askAt(new URL(gateway.url), path, options);
}

/** The status that an upgrade gets. */
export function askUpgrade(gateway: Gateway, path: string, headers: Record<string, string> = {}): Promise<number> {
  return upgradeStatusAt(new URL(gateway.url), path, headers);
}

export function errorCode({ body }: Answer): string {
  return (JSON.parse(body) as { error: { code: string } }).error.code;
}

/** The port where this server listens until the end of the test. */
export async function backend(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as { port: number }).port;
}
