/**
 * Arguments of jupyterhub-singleuser, and of the servers that it extends (jupyter_server, JupyterLab, notebook). A test
 * compares these lists with those of the installed programs.
 */

/** Options with a value that WAIIDE has as well. */
export const sameOption: Readonly<Record<string, string>> = {
  "--ip": "--host",
  "--port": "--port",
  "--notebook-dir": "--workspace",
  "--log-level": "--log-level",
  "--disable-user-config": "--disable-user-config",
};

/** Traits that WAIIDE has as well, without the class: the server's class has many names. */
export const sameTrait: Readonly<Record<string, string>> = {
  ip: "--host",
  port: "--port",
  root_dir: "--workspace",
  notebook_dir: "--workspace",
  log_level: "--log-level",
  shutdown_no_activity_timeout: "--shutdown-no-activity-timeout",
  disable_user_config: "--disable-user-config",
};

/** Classes that have these traits. */
export const serverClasses: ReadonlySet<string> = new Set([
  "Application",
  "JupyterApp",
  "JupyterHubSingleUser",
  "LabApp",
  "NotebookApp",
  "ServerApp",
  "SingleUserLabApp",
  "SingleUserNotebookApp",
  "SingleUserServerApp",
]);

/** What WAIIDE does anyway: it opens no browser, and runs as root if root starts it. */
export const needlessFlags: ReadonlySet<string> = new Set([
  "--allow-root",
  "--no-browser",
  "--no-mathjax",
  "--y",
  "-y",
]);

/** Flags without a value that WAIIDE does not have. */
export const otherFlags: ReadonlySet<string> = new Set([
  "--autoreload",
  "--collaborative",
  "--core-mode",
  "--custom-css",
  "--dev-mode",
  "--expose-app-in-browser",
  "--extensions-in-dev-mode",
  "--generate-config",
  "--no-script",
  "--script",
  "--show-config",
  "--show-config-json",
  "--skip-dev-build",
  "--splice-source",
  "--watch",
]);

/** Options with a value that mean nothing here, or that the hub decides (the second half: JupyterHub's own). */
export const otherOptions: ReadonlySet<string> = new Set([
  "--app-dir",
  "--browser",
  "--certfile",
  "--client-ca",
  "--config",
  "--gateway-url",
  "--keyfile",
  "--port-retries",
  "--preferred-dir",
  "--pylab",
  "--sock",
  "--sock-mode",
  "--transport",
  "--base-url",
  "--cookie-name",
  "--group",
  "--hub-api-url",
  "--hub-host",
  "--hub-prefix",
  "--user",
]);
