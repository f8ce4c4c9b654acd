import type { ErrorRows } from "./row.ts";

/** The command: how it was called, and its settings. */
export const usageErrors = {
  FLAG_UNKNOWN: {
    exit: 2,
    message: "Unknown flag “{name}”{suggestion}",
    action: "“waiide --help” lists all flags.",
  },
  USAGE: {
    exit: 2,
    message: "{reason}",
    action: "“waiide --help” lists all commands and options.",
  },
  CONFIRMATION_NEEDED: {
    exit: 2,
    message: "{question}",
    action: "Add --yes to confirm.",
  },
  NOT_CONFIRMED: {
    exit: 2,
    message: "You did not confirm it, so nothing was shared.",
    action: "Run the command again and answer “y”, or add --yes.",
  },
  VARIABLE_UNKNOWN: {
    exit: 2,
    message: "Unknown environment variable “{name}”{suggestion}",
    action: "Unset it, or correct its name; “waiide config” lists all settings.",
  },
  KEY_UNKNOWN: {
    exit: 2,
    message: "Unknown key “{name}” in {file}{suggestion}",
    action: "Remove or correct it; “waiide config” lists all settings.",
  },
  SETTING_INVALID: {
    exit: 2,
    message: "The setting “{name}” from {source} is not valid: {reason}.",
    action:
      "“waiide config” shows every setting with its source; docs/reference/settings.md lists what each one accepts.",
  },
  SETTING_NOT_YOURS: {
    exit: 2,
    message: "Only an administrator may set “{name}”, which is in {file}.",
    action: "Move it to /etc/waiide/config.json, a WAIIDE_ variable or a flag.",
  },
  CONFIG_UNREADABLE: {
    exit: 2,
    message: "The configuration file {file} cannot be read: {reason}.",
    action: "Correct the file; it must hold one JSON object.",
  },
  AUTH_CHOICE_NEEDED: {
    exit: 2,
    message: "{host} can be reached from other machines, and anyone who reaches WAIIDE can run programs as you.",
    action:
      "Choose: --auth token (prints a login link), --auth none (only behind something that checks logins), or --host 127.0.0.1.",
  },
  SOCKET_CHOICE_NEEDED: {
    exit: 2,
    message:
      "Other users of this machine can connect to {file} (--socket-mode {mode}), and anyone who reaches WAIIDE can run programs as you.",
    action:
      "Choose: --auth token (prints a login link), --auth none (only behind something that checks logins), or --socket-mode 600.",
  },
  PASSWORD_MISSING: {
    exit: 2,
    message: "--auth password needs a password.",
    action:
      "Set --hashed-password (better: WAIIDE_HASHED_PASSWORD or a configuration file); “waiide hash-password” makes the value.",
  },
  HUB_VARIABLE_MISSING: {
    exit: 2,
    message: "JupyterHub's variable {name} is not set: {purpose}.",
    action:
      'Let JupyterHub start WAIIDE (c.Spawner.cmd = ["waiide"]) and keep its variables, or use --mode standalone without a hub.',
  },
  HUB_VARIABLE_INVALID: {
    exit: 2,
    message: "JupyterHub's variable {name} cannot be used: {reason}.",
    action: "Check what sets it: “c.Spawner.environment” overrides the hub's own values.",
  },
  HUB_SERVICE_UNUSABLE: {
    exit: 2,
    message: "The administrator's page cannot start: {reason}.",
    action: "Let the hub start it, as deploy/jupyterhub/admin-page.py and docs/sharing-admin.md show.",
  },
} as const satisfies ErrorRows;
