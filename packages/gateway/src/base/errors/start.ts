import type { ErrorRows } from "./row.ts";

/** The command: why WAIIDE cannot start, or an IDE server cannot be installed. */
export const startErrors = {
  PORT_BUSY: {
    exit: 1,
    message: "Port {port} on {host} is already in use.",
    action: "Stop the program that uses it (“ss -ltnp” names it), or start WAIIDE with another --port.",
  },
  ADDRESS_UNAVAILABLE: {
    exit: 1,
    message: "WAIIDE cannot listen on {host}:{port}: {reason}.",
    action: "Choose an address of this machine with --host, and a port above 1023 unless you are root.",
  },
  SOCKET_BUSY: {
    exit: 1,
    message: "Another program listens on {file}.",
    action: "Stop it (“ss -lxp” names it), or choose another file with --socket.",
  },
  SOCKET_UNUSABLE: {
    exit: 1,
    message: "WAIIDE cannot listen on {file}: {reason}.",
    action: "Choose a file with --socket that does not exist yet, in a folder where you may create files.",
  },
  TLS_UNREADABLE: {
    exit: 2,
    message: "The TLS certificate or key cannot be used: {reason}.",
    action: "--tls-cert and --tls-key must name a PEM certificate and its key, readable by this user.",
  },
  RUNTIME_FOLDER_UNUSABLE: {
    exit: 1,
    message: "WAIIDE cannot create a private folder for sockets: {reason}.",
    action: "XDG_RUNTIME_DIR or /tmp must be writable and have free space.",
  },
  HOME_MISSING: {
    exit: 1,
    message: "The user {uid} has no home folder: HOME is not set, and the system knows no such user.",
    action: "Set HOME to a folder that this user can write to.",
  },
  DATA_FOLDER_UNUSABLE: {
    exit: 1,
    message: "The data folder {folder} cannot be used: {reason}.",
    action: "Make it writable, free some space, or choose another with --data-dir.",
  },
  WORKSPACE_MISSING: {
    exit: 1,
    message: "The workspace {folder} {reason}.",
    action: "Create it, make it readable for this user, or choose another with --workspace.",
  },
  USER_NAME_REFUSED: {
    exit: 2,
    message: "The user name {name} cannot be the name of a home folder: {reason}.",
    action:
      "The hub's authenticator can map names (“username_map”, “normalize_username”); without a hub set WAIIDE_USER.",
  },
  HOME_UNUSABLE: {
    exit: 1,
    message: "The home folder {folder} cannot be used: {reason}.",
    action:
      "Mount a volume there that user 1000 or group 100 may read and write (in Kubernetes: fsGroup: 100), or start the container as root: it then gives the folder to that user and drops root. docs/docker.md explains both.",
  },
  ROOT_NOT_DROPPED: {
    exit: 1,
    message: "The container runs as root and cannot drop root: {reason}.",
    action: "Keep the capabilities CHOWN, SETUID, SETGID and KILL (“cap_add”), or start it as 1000:100.",
  },
  IDE_MISSING: {
    exit: 1,
    message: "There is no IDE server at {folder}.",
    action: "Run “waiide ide install”, or name one with --ide-server.",
  },
  IDE_UNUSABLE: {
    exit: 1,
    message: "The IDE server at {folder} cannot run here: {reason}.",
    action: "Run “waiide ide install” to install one for this machine.",
  },
  IDE_PORT_BUSY: {
    exit: 1,
    message: "Port {port} on {host}, where the IDE server should listen, is already in use.",
    action: "Stop the program that uses it (“ss -ltnp” names it), or choose another address with --ide-listen.",
  },
  INSTALL_FAILED: {
    exit: 1,
    message: "The IDE server could not be installed, at the step “{step}”: {reason}.",
    action: "{advice}",
  },
} as const satisfies ErrorRows;
