import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { childEnvironment } from "../../packages/gateway/src/ide/server/environment.ts";
import { it } from "../support/hub/fixtures.ts";

interface Finding {
  readonly check: string;
  readonly result: "ok" | "warning" | "problem";
  readonly message: string;
  readonly action?: string;
}

const launcher = resolve(import.meta.dirname, "../../packages/gateway/bin/waiide");

/** What doctor finds about the hub, with the server's environment or another one. */
async function doctor(environment: NodeJS.ProcessEnv): Promise<{ exit: number; output: string; findings: Finding[] }> {
  const answer = await promisify(execFile)(launcher, ["doctor", "--json"], {
    env: environment,
    cwd: environment.HOME,
  }).then(
    ({ stdout }) => ({ exit: 0, stdout }),
    (error: { code: number; stdout: string }) => ({ exit: error.code, stdout: error.stdout }),
  );
  const { findings } = JSON.parse(answer.stdout) as { findings: Finding[] };
  const ofHub = findings.filter(({ check }) => check === "mode" || check.startsWith("hub"));
  return { exit: answer.exit, output: answer.stdout, findings: ofHub };
}

function results(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map(({ check, result }) => [check, result]));
}

const fine = {
  mode: "ok",
  "hub variables": "ok",
  hub: "ok",
  "hub clock": "ok",
  "hub token": "ok",
  "hub access": "ok",
  "hub callback": "ok",
  "hub cookies": "ok",
  // On this hub all users share one origin.
  "hub subdomains": "warning",
  "hub address": "ok",
  "hub shares": "ok",
  "hub share list": "ok",
};

describe("waiide doctor behind a real hub", () => {
  it("reports no problem, in the server's environment and in the IDE's", async ({ hub, server }) => {
    for (const environment of [server.environment, childEnvironment(server.environment)]) {
      const { exit, findings, output } = await doctor(environment);
      expect(results(findings)).toEqual(fine);
      expect(exit, output).toBe(0);
      expect(findings.find(({ check }) => check === "hub")?.message).toContain(`JupyterHub ${hub.version}`);
      expect(output).not.toContain(server.environment.JUPYTERHUB_API_TOKEN);
    }
  });

  it("names a token that the hub does not know, and what to do", async ({ server }) => {
    const wrong = "0123456789abcdef0123456789abcdef";
    const { exit, findings } = await doctor({
      ...server.environment,
      JUPYTERHUB_API_TOKEN: wrong,
      JPY_API_TOKEN: wrong,
    });
    expect(exit).toBe(1);
    expect(results(findings)).toEqual({ ...fine, "hub token": "problem", "hub share list": "warning" });
    expect(findings.find(({ check }) => check === "hub token")?.action).toContain("start it again");
  });

  it("names a hub that is not there, a callback and a variable that are wrong", async ({ hub, server }) => {
    const gone = await doctor({ ...server.environment, JUPYTERHUB_API_URL: "http://127.0.0.1:9/hub/api" });
    expect(gone.exit).toBe(1);
    expect(results(gone.findings)).toMatchObject({ hub: "problem", "hub token": "problem" });
    const callback = "/user/alice/oauth_callback";
    const elsewhere = await doctor({ ...server.environment, JUPYTERHUB_OAUTH_CALLBACK_URL: callback });
    expect(results(elsewhere.findings)).toEqual({ ...fine, "hub callback": "problem" });
    const { JUPYTERHUB_CLIENT_ID: _client, ...incomplete } = server.environment;
    const data = join(hub.folder, "no-such-data");
    const missing = await doctor({ ...incomplete, WAIIDE_DATA_DIR: data });
    expect(missing.findings.find(({ result }) => result === "problem")?.message).toContain("JUPYTERHUB_CLIENT_ID");
  });

  it("the other commands work in the IDE's terminal, too", async ({ server }) => {
    const env = childEnvironment(server.environment);
    const run = async (...args: string[]) => (await promisify(execFile)(launcher, args, { env })).stdout;
    expect(await run("health")).toContain("ok (WAIIDE");
    expect(await run("config")).toMatch(/mode +jupyterhub/);
  });
});
