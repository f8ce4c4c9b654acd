import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { machines, makeIde, ownMachine } from "../../support/fake-ide.ts";
import { ask, startGateway, temporaryFolder } from "../../support/gateway-without-ide.ts";

describe("people and programs are told plainly why the IDE does not run", () => {
  it.each([
    ["a missing IDE server", {}, "IDE_MISSING", "There is no IDE server at", "waiide ide install"],
    [
      "an IDE server of another architecture",
      { "ide-server": "foreign" },
      "IDE_UNUSABLE",
      "is built for",
      "waiide ide install",
    ],
    [
      "a missing workspace",
      { "ide-server": "ide", workspace: "missing" },
      "WORKSPACE_MISSING",
      "does not exist",
      "--workspace",
    ],
    [
      "a workspace that is a file",
      { "ide-server": "ide", workspace: "file" },
      "WORKSPACE_MISSING",
      "is not a folder",
      "--workspace",
    ],
  ])("%s", async (_what, names: Record<string, string>, code, message, action) => {
    const folder = temporaryFolder();
    await makeIde(join(folder, "ide"));
    await makeIde(join(folder, "foreign"), { machine: ownMachine === machines.x64 ? machines.arm64 : machines.x64 });
    writeFileSync(join(folder, "file"), "");
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    const flags = Object.fromEntries(Object.entries(names).map(([name, path]) => [name, join(folder, path)]));
    const gateway = await startGateway(flags, { folder, logger });
    await expect(gateway.ide.process.whenReady()).rejects.toMatchObject({ code });
    const page = await ask(gateway, "/", { headers: { accept: "text/html" } });
    expect(page.status).toBe(503);
    expect(page.body).toContain(message);
    expect(page.body).toContain(action);
    const answer = await ask(gateway, "/ide/", { headers: { accept: "application/json" } });
    expect(answer.status).toBe(503);
    expect(answer.body).toContain(message);
    expect(lines.join("")).toContain(message);
  });
});
