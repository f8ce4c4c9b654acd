import { join, resolve } from "node:path";

/** What a hub of the tests is made from. All text goes into Python as JSON, whose strings Python reads the same. */
export interface HubSettings {
  readonly version: string;
  /** Path of the whole deployment, begins and ends with `/`. */
  readonly baseUrl: string;
  /** Domain of which every user gets a name, e.g. `hub.test`. */
  readonly subdomainHost: string | undefined;
  /** Scheme and port that browsers see, where something stands in front of the hub's proxy. */
  readonly publicOrigin: string;
  readonly folder: string;
  readonly homes: string;
  readonly port: number;
  readonly hubPort: number;
  readonly proxyPort: number;
  readonly proxyCommand: readonly string[];
  readonly password: string;
  readonly adminToken: string;
  readonly users: readonly string[];
  readonly admins: readonly string[];
  /** What servers are started with. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** More Python, run last. */
  readonly extra: string;
}

export const launcher = resolve(import.meta.dirname, "../../../packages/gateway/bin/waiide");

/** Everything that the tests ask of the hub's API. */
const scopes = [
  "admin:users",
  "admin:servers",
  "admin:server_state",
  "admin:groups",
  "tokens",
  "access:servers",
  "read:hub",
  "proxy",
];
/** Since 5.0. */
const shareScopes = ["shares", "users:shares", "groups:shares"];

/** Whether a version is at least the other one. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => text.split(".").map(Number));
  for (const [index, number] of (want ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** A jupyterhub_config.py for any version since 1.4. */
export function hubConfig(settings: HubSettings): string {
  const { version, folder, homes } = settings;
  const literal = (value: unknown) => JSON.stringify(value);
  const lines = [
    "import os, sys",
    "c = get_config()  # noqa: F821",
    `c.JupyterHub.bind_url = ${literal(`http://127.0.0.1:${settings.port}${settings.baseUrl}`)}`,
    `c.JupyterHub.hub_bind_url = ${literal(`http://127.0.0.1:${settings.hubPort}`)}`,
    `c.JupyterHub.cookie_secret_file = ${literal(join(folder, "cookie_secret"))}`,
    `c.JupyterHub.db_url = ${literal(`sqlite:///${join(folder, "hub.sqlite")}`)}`,
    `c.ConfigurableHTTPProxy.api_url = ${literal(`http://127.0.0.1:${settings.proxyPort}`)}`,
    `c.ConfigurableHTTPProxy.command = ${literal(settings.proxyCommand)}`,
    `c.ConfigurableHTTPProxy.pid_file = ${literal(join(folder, "proxy.pid"))}`,
    'c.JupyterHub.authenticator_class = "dummy"',
    `c.DummyAuthenticator.password = ${literal(settings.password)}`,
    `c.Authenticator.allowed_users = set(${literal([...settings.users, ...settings.admins])})`,
    `c.Authenticator.admin_users = set(${literal(settings.admins)})`,
    "c.JupyterHub.allow_named_servers = True",
    'c.JupyterHub.spawner_class = "simple"',
    `c.SimpleLocalProcessSpawner.home_dir_template = ${literal(join(homes, "{username}"))}`,
    `c.Spawner.cmd = ${literal(settings.command)}`,
    `c.Spawner.environment = ${literal(settings.environment)}`,
    "c.Spawner.http_timeout = 60",
  ];
  if (settings.subdomainHost !== undefined) {
    const { protocol, port } = new URL(settings.publicOrigin);
    lines.push(`c.JupyterHub.subdomain_host = ${literal(`${protocol}//${settings.subdomainHost}:${port}`)}`);
  }
  const service = { name: "tests", api_token: settings.adminToken };
  if (isAtLeast(version, "2.0")) {
    const held = isAtLeast(version, "5.0") ? [...scopes, ...shareScopes] : scopes;
    lines.push(`c.JupyterHub.services = [${literal(service)}]`);
    lines.push(`c.JupyterHub.load_roles = [${literal({ name: "tests", services: ["tests"], scopes: held })}]`);
  } else {
    lines.push(`c.JupyterHub.services = [dict(${literal(service)}, admin=True)]`);
  }
  return `${[...lines, settings.extra].join("\n")}\n`;
}
