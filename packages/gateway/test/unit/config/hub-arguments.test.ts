import { describe, expect, it } from "vitest";
import { isStartedByHub, translateHubArguments } from "../../../src/cli/hub-arguments.ts";

describe("arguments meant for jupyterhub-singleuser", () => {
  it.each([
    // What JupyterHub 1.x appends itself (facts of 1.4 and 1.5).
    [["--port=8311"], ["--port=8311"], 0],
    [
      ["--ip=0.0.0.0", "--port=8311", "--notebook-dir=/home/a b", "--SingleUserNotebookApp.default_url=/lab"],
      ["--host=0.0.0.0", "--port=8311", "--workspace=/home/a b"],
      1,
    ],
    [["--ip", "0.0.0.0", "--notebook-dir", "/w"], ["--host", "0.0.0.0", "--workspace", "/w"], 0],
    [["--debug", "--allow-root", "--no-browser", "-y"], ["--log-level=debug"], 0],
    [["--log-level=DEBUG"], ["--log-level=debug"], 0],
    [["--ServerApp.root_dir=/w", "--ServerApp.token="], ["--workspace=/w"], 1],
    [["--ServerApp.tornado_settings", "{}", "--port", "1"], ["--port", "1"], 1],
    [["--LabApp.collaborative"], [], 1],
    [
      ["serve", "--ip=::", "--ServerApp.shutdown_no_activity_timeout=60"],
      ["serve", "--host=::", "--shutdown-no-activity-timeout=60"],
      0,
    ],
    // Neither theirs nor ours: refused later, by name.
    [["--my-arg", "--prot=1"], ["--my-arg", "--prot=1"], 0],
  ])("%j", (given, argv, warnings) => {
    const translated = translateHubArguments(given);
    expect(translated.argv).toEqual(argv);
    expect(translated.warnings).toHaveLength(warnings);
  });

  it("names the argument in the warning, and never its value", () => {
    const { warnings } = translateHubArguments(["--ServerApp.token=secret"]);
    expect(warnings.join()).toContain("--ServerApp.token");
    expect(warnings.join()).not.toContain("secret");
  });

  it.each([
    [[], {}, false],
    [[], { JUPYTERHUB_USER: "alice" }, true],
    [["--mode=standalone"], { JUPYTERHUB_USER: "alice" }, false],
    [["--mode", "standalone"], { JUPYTERHUB_USER: "alice" }, false],
    [[], { JUPYTERHUB_USER: "alice", WAIIDE_MODE: "standalone" }, false],
    [["--mode", "jupyterhub"], {}, true],
  ] as [string[], NodeJS.ProcessEnv, boolean][])("are understood with %j and %j: %s", (argv, environment, expected) => {
    expect(isStartedByHub(argv, environment)).toBe(expected);
  });
});
