import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { startGateway } from "../support/gateway.ts";

const token = "0123456789abcdef0123456789abcdef";

/** Left out of the checks, each with its reason. */
const unchecked = {
  positive_data_acceptance: "whether a file is there, or a life is permitted, stands in no schema",
  unsupported_method: "what the API does not have is 404, whatever the method",
};
/** Owner's and guests' routes of sharing. */
const tried = /^\/(api\/)?share\//;
/** Left out of the routes. */
const untried = {
  "/api/share/events": "a stream that does not end",
  "/api/share/{id}/terminals/{terminal}/events": "a stream that does not end",
};

interface OpenApi {
  readonly paths: Readonly<Record<string, object>>;
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

const authorized = { headers: { authorization: `token ${token}` } };

it("any request to the share API and guests' routes matches its schema, without 500", async () => {
  const schemathesis = join(await pythonEnvironment(environments.schemathesis), "schemathesis");
  const folder = await mkdtemp(join(tmpdir(), "waiide-fuzz-"));
  const gateway = await startGateway({
    arguments: [
      ...["--auth", "token", "--token", token, "--public-url", "http://localhost"],
      // So that requests can say which address they come from: guessing is limited by address.
      ...["--trusted-proxies", "127.0.0.1"],
    ],
    files: { "src/model.py": "one = 1\ntwo = 2\n" },
  });
  try {
    const url = gateway.url.replace(/\?.*/, "");
    const args = [
      ...["run", `${url}api/openapi.json`, "--no-color", "--seed", "1", "--generation-database", "none"],
      ...["--header", `Authorization: token ${token}`, "--header", "Sec-Fetch-Site: same-origin"],
      ...["--include-path-regex", tried.source, ...Object.keys(untried).flatMap((path) => ["--exclude-path", path])],
      ...["--checks", "all", "--exclude-checks", Object.keys(unchecked).join(","), "--continue-on-failure"],
      ...["--max-examples", "20", "--request-timeout", "60", "--warnings", "off"],
    ];
    const environment = {
      ...gateway.environment,
      SHARE_API: url,
      SHARE_TOKEN: token,
      SCHEMATHESIS_HOOKS: join(import.meta.dirname, "../support/schemathesis_hooks.py"),
    };
    const { code, output } = await run(schemathesis, args, { cwd: folder, env: environment });
    console.log(output.slice(output.indexOf("= SUMMARY =")));
    expect(output).toContain(`Tested: ${await operationsToTry(url)}\n`);
    expect(code, output).toBe(0);
    expect(gateway.output()).not.toMatch(/"a route failed"|"a request failed"/);
    expect((await fetch(`${url}api/health`)).status).toBe(200);
  } finally {
    await gateway.stop();
    await rm(folder, { recursive: true });
  }
}, 1_200_000);

/** So that no route is left out by accident, and no list has to be kept. */
async function operationsToTry(url: string): Promise<number> {
  const { paths } = (await (await fetch(`${url}api/openapi.json`, authorized)).json()) as OpenApi;
  const methods = Object.entries(paths)
    .filter(([path]) => tried.test(path) && !(path in untried))
    .flatMap(([, operations]) => Object.keys(operations))
    .filter((method) => method !== "parameters");
  return methods.length;
}

function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = execFile(command, args, { ...options, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) =>
    resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
  );
  return promise;
}
