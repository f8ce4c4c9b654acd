import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EnvironmentFacts, EnvironmentSchema } from "@waiide/protocol";
import Value from "typebox/value";
import { describe, expect, it, vi } from "vitest";
import { environment, environmentInWords } from "../../../../src/cli/environment/environment.ts";
import { readRunningRecord } from "../../../../src/control/control-server.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

async function describedBy(server: SharingGateway, body: object = {}): Promise<EnvironmentFacts> {
  const answer = await server.api("/api/share/environment", { method: "POST", body });
  expect(answer.status).toBe(200);
  expect([...Value.Errors(EnvironmentSchema, answer.body)]).toEqual([]);
  return answer.body as EnvironmentFacts;
}

/** What the command prints, in a terminal of this server. */
async function printed(server: SharingGateway, flags: Parameters<typeof environment>[0]): Promise<string> {
  vi.stubEnv("WAIIDE_CONTROL_SOCKET", (await readRunningRecord(server.dataFolder))?.socket ?? "");
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await environment(flags);
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
    vi.unstubAllEnvs();
    process.exitCode = undefined;
  }
}

describe("an owner looks at the environment of a folder", () => {
  it("shares and writes nothing, and sees what guests would get", async () => {
    const files = { "requirements.txt": "", ".env": "KEY=hunter22", ".vscode/settings.json": '{"a.b": 1}' };
    const server = await SharingGateway.start({ files });
    const facts = await describedBy(server, { settings: ["a.b", "c.token"] });
    expect(facts).toMatchObject({ root: server.workspace, settings: { "a.b": 1 }, problem: null });
    expect(Object.keys(facts.written)).toEqual([".devcontainer/devcontainer.json"]);
    expect(JSON.stringify(facts)).not.toContain("hunter22");
    expect(existsSync(join(server.workspace, ".devcontainer"))).toBe(false);
    expect((await server.api("/api/share/list")).body).toEqual({ shares: [] });
  });

  it("only of folders that may be shared", async () => {
    const server = await SharingGateway.start();
    const { status } = await server.api("/api/share/environment", { method: "POST", body: { root: "/etc" } });
    expect(status).toBe(400);
  });

  it("and may write what is missing, which replaces nothing", async () => {
    const server = await SharingGateway.start({ files: { "requirements.txt": "" } });
    expect(await printed(server, { write: true })).toContain("Written: ");
    const file = join(server.workspace, ".devcontainer/devcontainer.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ postCreateCommand: { pip: expect.any(String) } });
    writeFileSync(file, '{"image": "own"}');
    expect(await printed(server, { write: true })).toContain("Nothing is missing.");
    expect(readFileSync(file, "utf8")).toBe('{"image": "own"}');
  });

  it("and learns why a devcontainer.json cannot be used", async () => {
    const server = await SharingGateway.start();
    mkdirSync(join(server.workspace, ".devcontainer"));
    writeFileSync(join(server.workspace, ".devcontainer/devcontainer.json"), '{"name": "x"}');
    expect(await printed(server, {})).toContain("it names neither an image nor how to build one");
  });

  it("without control characters in the terminal", async () => {
    const command = "echo \u001b[2J";
    const run = { kind: "lifecycle", path: ".devcontainer.json", name: "x", when: "once", command, offered: true };
    const server = await SharingGateway.start();
    const facts = { ...(await describedBy(server)), runs: [run] } as EnvironmentFacts;
    expect(environmentInWords(facts).join("\n")).not.toContain("\u001b");
  });
});
