import { settingNames, settings, variableOf } from "../../config/settings/settings.ts";
import { childNode } from "../../system/node-program.ts";
import { galleryOf } from "../extensions/gallery.ts";

/** Variables as `process.env` and `spawn` have them. */
type Variables = Readonly<Record<string, string | undefined>>;

export interface IdeEnvironmentOptions {
  /** URL of the extension gallery, or undefined for none. */
  readonly extensionGallery: string | undefined;
  /** `--pass-hub-token`: leaves the hub's token in. */
  readonly passHubToken?: boolean;
  /** The setting `ai-features`. Without it their built-in extension is left out: it is the largest, and starts with the page. */
  readonly aiFeatures: boolean;
  /** Set last, over everything: e.g. the control socket's address. */
  readonly additions?: Readonly<Record<string, string>>;
}

const aiExtension = "GitHub.copilot-chat";

/** RULES R4: credentials of the hub and what leads to them. */
const hubSecrets = /^(JUPYTERHUB|JPY)_(API_TOKEN$|CLIENT_ID$|OAUTH_|COOKIE_|SSL_)/;

/**
 * Variables of the IDE that the gateway may have been started from; they would steer the one it starts, or lead it to
 * another gateway.
 */
const foreignIde =
  /^(WAIIDE_(CONTROL_SOCKET|COMMAND_FOLDER)|VSCODE_(IPC_HOOK|IPC_HOOK_CLI|PID|PARENT_PID|CWD|NLS_CONFIG|ESM_ENTRYPOINT|HANDLES_.*|GIT_.*|INJECTION|NONCE|SHELL_.*|SERVER_.*|AGENT_.*)|ELECTRON_RUN_AS_NODE)$/;

/** Shorter values could be equal by chance. */
const leastSecretLength = 16;

/**
 * The environment of programs that we start for the user: ours without secrets (RULES R4), also where a token stands under
 * another name, and with git's protection against planted bare repositories (RULES R11).
 */
export function childEnvironment(source: Variables, passHubToken = false): Record<string, string> {
  const isSecret = secretTest(passHubToken);
  const tokens = new Set<string>();
  for (const [name, value = ""] of Object.entries(source)) {
    if (value.length >= leastSecretLength && name.endsWith("TOKEN") && isSecret(name)) tokens.add(value);
  }
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined || isSecret(name) || foreignIde.test(name) || tokens.has(value)) continue;
    environment[name] = value;
  }
  return { ...environment, ...gitConfiguration(environment, "safe.bareRepository", "explicit") };
}

/**
 * The environment of the IDE server, and so of its extensions and terminals: a child's, with the port proxy
 * (VSCODE_PROXY_URI, which the page resolves against its own address), the extension gallery (EXTENSIONS_GALLERY, read by
 * code-server's server), and the Node with which terminals run the IDE's own command (“code-server file”, $BROWSER).
 */
export function ideEnvironment(source: Variables, options: IdeEnvironmentOptions): Record<string, string> {
  return {
    ...childEnvironment(source, options.passHubToken),
    VSCODE_PROXY_URI: "../proxy/{{port}}/",
    NODE_EXEC_PATH: childNode(),
    ...(options.aiFeatures ? {} : { VSCODE_SKIP_BUILTIN_EXTENSIONS: aiExtension }),
    EXTENSIONS_GALLERY: JSON.stringify(galleryOf(options.extensionGallery)),
    ...options.additions,
  };
}

/** Leaves further built-in extensions of the IDE out, by their ids. */
export function withoutBuiltins(
  environment: Readonly<Record<string, string>>,
  ids: readonly string[],
): Readonly<Record<string, string>> {
  if (ids.length === 0) return environment;
  const before = environment.VSCODE_SKIP_BUILTIN_EXTENSIONS;
  return { ...environment, VSCODE_SKIP_BUILTIN_EXTENSIONS: [...(before ? [before] : []), ...ids].join(",") };
}

/** The names of the hub's token, old and new. */
const hubTokens = new Set(["JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"]);

function secretTest(passHubToken: boolean): (name: string) => boolean {
  const own = new Set(settingNames.filter((name) => settings[name].secret).map(variableOf));
  return (name) => own.has(name) || (hubSecrets.test(name) && !(passHubToken && hubTokens.has(name)));
}

/** Appends one value to git's configuration in variables (git-config(1), “GIT_CONFIG_COUNT”); the last value wins. */
function gitConfiguration(environment: Variables, key: string, value: string): Record<string, string> {
  const given = environment.GIT_CONFIG_COUNT ?? "";
  const count = /^\d{1,6}$/.test(given) ? Number(given) : 0;
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: key,
    [`GIT_CONFIG_VALUE_${count}`]: value,
  };
}
