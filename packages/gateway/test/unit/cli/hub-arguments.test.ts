import { describe, expect, it } from "vitest";
import { isStartedByHub, translateHubArguments } from "../../../src/cli/hub-arguments.ts";
import { everyAddress } from "../../../src/config/hub-settings.ts";

const all = everyAddress();

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
    [["--log-level", "WARNING", "--Application.log_level=10"], ["--log-level", "warn", "--log-level=debug"], 0],
    [["--JupyterHubSingleUser.disable_user_config=True"], ["--disable-user-config=True"], 0],
    [["--SingleUserNotebookApp.disable_user_config", "False"], ["--disable-user-config", "False"], 0],
    [["--disable-user-config", "lab"], ["--disable-user-config=on"], 1],
    [["--ServerApp.ip=", "--ip", "*", "--NotebookApp.ip=*"], [`--host=${all}`, "--host", all, `--host=${all}`], 0],
    // What cannot be used is left out, and said.
    [["--port=", "--notebook-dir=", "--log-level=LOUD", "--ServerApp.port=x", "--ip"], [], 5],
    [["--config", "/x/y.py", "--certfile=/c", "--base-url=x", "--user=a", "--hub-prefix", "/hub/"], [], 5],
    [["--generate-config", "--collaborative", "--watch", "--show-config-json"], [], 4],
    [["--HubOAuth.cookie_host_prefix_enabled=True", "--ServerApp.a.b", "{}", "--Other.port=1"], [], 3],
    [["notebook.ipynb", "", "--", "rest", "--port=1"], ["--port=1"], 2],
    [["--share-level", "view", "--workspace=/w"], ["--share-level", "view", "--workspace=/w"], 0],
    [["--help-all", "--version"], ["--help-all", "--version"], 0],
    // Neither theirs nor ours: refused later, by name.
    [["--my-arg", "--prot=1"], ["--my-arg", "--prot=1"], 0],
  ])("%j", (given, argv, warnings) => {
    const translated = translateHubArguments(given);
    expect(translated.argv).toEqual(argv);
    expect(translated.warnings).toHaveLength(warnings);
  });

  it("leaves other commands and commands in the IDE's terminals alone", () => {
    const commands = ["serve", "share", "doctor"];
    const given = ["share", "create", "-y", "--config", "x"];
    expect(translateHubArguments(given, { commands })).toEqual({ argv: given, warnings: [] });
    expect(translateHubArguments(["docter"], { commands, isSpawned: false }).argv).toEqual(["docter"]);
    expect(translateHubArguments(["serve", "x", "--no-browser"], { commands }).argv).toEqual(["serve"]);
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

/**
 * What `flags` and `aliases` of the installed programs were, all of them: jupyter_server 2.21.1, JupyterLab 4.6.6, notebook
 * 7.6.5, and jupyterhub 6.1.1 with what it adds; and the classic notebook's that newer ones lack.
 */
const jupyterFlags = [
  ...["allow-root", "autoreload", "debug", "generate-config", "no-browser", "no-script", "script", "show-config"],
  ...["show-config-json", "y", "collaborative", "core-mode", "custom-css", "dev-mode", "expose-app-in-browser"],
  ...["extensions-in-dev-mode", "skip-dev-build", "splice-source", "watch", "disable-user-config", "no-mathjax"],
];
const jupyterAliases = [
  ...["log-level", "config", "ip", "port", "port-retries", "sock", "sock-mode", "transport", "keyfile", "certfile"],
  ...["client-ca", "notebook-dir", "preferred-dir", "browser", "pylab", "gateway-url", "app-dir", "user", "group"],
  ...["hub-prefix", "hub-host", "hub-api-url", "base-url", "cookie-name"],
];
/** What stands for an argument: one of ours, or nothing with a warning. */
const ours = new Set(["--host", "--port", "--workspace", "--log-level", "--disable-user-config"]);

describe("every argument of Jupyter's programs is understood or left out", () => {
  it.each(jupyterFlags)("--%s", (flag) => {
    const { argv, warnings } = translateHubArguments([`--${flag}`, "--port=1"]);
    expect(argv.filter((argument) => !ours.has(argument.split("=")[0] ?? ""))).toEqual([]);
    expect(argv.at(-1)).toBe("--port=1");
    expect(argv.length + warnings.length).toBeLessThanOrEqual(2);
  });

  it.each(jupyterAliases)("--%s, with its value in either way", (alias) => {
    for (const given of [[`--${alias}=8`], [`--${alias}`, "8"], [`--${alias}`]]) {
      const { argv, warnings } = translateHubArguments([...given, "--no-browser"]);
      const [name, ...values] = argv.flatMap((argument) => argument.split("="));
      if (name === undefined) expect(warnings).toHaveLength(1);
      else expect([ours.has(name), values]).toEqual([true, ["8"]]);
    }
  });
});
