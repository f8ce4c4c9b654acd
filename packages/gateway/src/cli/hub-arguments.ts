import { hubVariables } from "../config/hub-settings.ts";

/** The command line as our own flags say it, and what could not be said. */
export interface TranslatedArguments {
  readonly argv: readonly string[];
  readonly warnings: readonly string[];
}

/** Flags of jupyterhub-singleuser, and traitlets, that one of ours has the meaning of. */
const sameMeaning: Readonly<Record<string, string>> = {
  "--ip": "--host",
  "--notebook-dir": "--workspace",
  "--ServerApp.ip": "--host",
  "--ServerApp.port": "--port",
  "--ServerApp.root_dir": "--workspace",
  "--ServerApp.notebook_dir": "--workspace",
  "--NotebookApp.ip": "--host",
  "--NotebookApp.port": "--port",
  "--NotebookApp.notebook_dir": "--workspace",
  "--SingleUserNotebookApp.ip": "--host",
  "--SingleUserNotebookApp.port": "--port",
  "--SingleUserNotebookApp.notebook_dir": "--workspace",
  "--ServerApp.shutdown_no_activity_timeout": "--shutdown-no-activity-timeout",
  "--NotebookApp.shutdown_no_activity_timeout": "--shutdown-no-activity-timeout",
};

/** What WAIIDE does anyway: it never opens a browser, and runs as whoever starts it. */
const needless = new Set(["--allow-root", "--no-browser", "--no-mathjax", "-y"]);

/** A setting of a Jupyter class, such as `--ServerApp.token=x` (traitlets' command line). */
const traitlet = /^--[A-Z]\w*(\.\w+)+$/;

/**
 * Whether a hub started us, as far as command line and environment say: its arguments are understood then, and nowhere
 * else, where they are most likely mistakes.
 */
export function isStartedByHub(argv: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  const flag = argv.findIndex((argument) => argument === "--mode" || argument.startsWith("--mode="));
  const said = flag === -1 ? undefined : (argv[flag]?.split("=")[1] ?? argv[flag + 1]);
  const mode = said ?? environment.WAIIDE_MODE ?? "auto";
  return mode === "jupyterhub" || (mode === "auto" && hubVariables.some((name) => environment[name]));
}

/**
 * Arguments meant for jupyterhub-singleuser, which old hubs append and configurations of hubs carry: translated where we
 * have the same, else named in a warning. All others are left to be understood, or refused, as ever.
 * @param argv without the program's own name
 */
export function translateHubArguments(argv: readonly string[]): TranslatedArguments {
  const translated: string[] = [];
  const warnings: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] as string;
    const equals = argument.indexOf("=");
    const name = equals === -1 ? argument : argument.slice(0, equals);
    const ours = sameMeaning[name];
    if (ours !== undefined) {
      translated.push(equals === -1 ? ours : `${ours}${argument.slice(equals)}`);
    } else if (name === "--debug") {
      translated.push("--log-level=debug");
    } else if (name === "--log-level") {
      translated.push(argument.toLowerCase());
    } else if (traitlet.test(name)) {
      // The value may be an argument of its own.
      const next = argv[index + 1];
      if (equals === -1 && next !== undefined && !next.startsWith("-")) index += 1;
      warnings.push(`The argument ${name} is for JupyterHub's own server and means nothing to WAIIDE.`);
    } else if (!needless.has(name)) {
      translated.push(argument);
    }
  }
  return { argv: translated, warnings };
}
