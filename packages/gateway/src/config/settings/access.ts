import { randomBytes } from "node:crypto";
import { Type } from "typebox";
import { GatewayError } from "../../base/errors.ts";
import { isPrivate } from "../../system/other-users.ts";
import { hashFault } from "../../system/password-hash.ts";
import { isLoopback } from "../addresses.ts";
import { absolutePath } from "../paths.ts";
import { host, socket, socketMode } from "./server.ts";
import { type Context, OneOf, setting } from "./setting.ts";

/** Who may use the IDE, and TLS. */

export type AuthenticationChoice =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "password"; readonly hash: string }
  | { readonly kind: "hub" };

export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Set: only clients with a certificate signed by it may connect (the hub's `internal_ssl`). */
  readonly clientCaFile?: string;
}

const auth = setting({
  schema: OneOf("none", "token", "password"),
  description:
    "Authentication without a hub: none, token, or password (of --hashed-password). Default: password if there is one, else none on loopback; other hosts need an explicit choice.",
  setBy: "administrator",
  standaloneOnly: true,
  key: "authentication",
  decide(given, { isBehindHub, value }): AuthenticationChoice {
    if (isBehindHub) return { kind: "hub" };
    const hash = value(hashedPassword);
    if (given === "password" || (given === undefined && hash !== undefined))
      return { kind: "password", hash: required(hash) };
    const choice = given === undefined ? choiceNeeded(value) : undefined;
    if (choice !== undefined) throw choice;
    const chosen = value(token);
    return chosen === undefined ? { kind: "none" } : { kind: "token", token: chosen };
  },
  show: ({ kind }) => kind,
});

/** Where others than this user can connect, nothing is assumed about logins. */
function choiceNeeded(value: Context["value"]): GatewayError | undefined {
  const [file, mode, address] = [value(socket), value(socketMode), value(host)];
  if (file === undefined) {
    return isLoopback(address) ? undefined : new GatewayError("AUTH_CHOICE_NEEDED", { host: address });
  }
  return isPrivate(mode) ? undefined : new GatewayError("SOCKET_CHOICE_NEEDED", { file, mode: mode.toString(8) });
}

/** @throws GatewayError PASSWORD_MISSING */
function required(hash: string | undefined): string {
  if (hash === undefined) throw new GatewayError("PASSWORD_MISSING");
  return hash;
}

const hashedPassword = setting({
  schema: Type.String({ minLength: 1 }),
  description:
    "The password for --auth password, as an Argon2 hash in the PHC format ($argon2id$…); “waiide hash-password” makes one.",
  setBy: "administrator",
  secret: true,
  standaloneOnly: true,
  key: null,
  fault: (value) => (typeof value === "string" ? hashFault(value) : undefined),
});

const token = setting({
  schema: Type.String({ minLength: 16 }),
  description: "The token for --auth token, at least 16 characters. Default: a random one, printed at start.",
  setBy: "administrator",
  secret: true,
  standaloneOnly: true,
  key: null,
  decide(text, { isBehindHub, given }): string | undefined {
    if (isBehindHub || given(auth) !== "token") return undefined;
    return text ?? randomBytes(24).toString("hex");
  },
});

const hubShareLevel = setting({
  schema: OneOf("none", "terminal"),
  default: "none",
  description:
    "What users may do who have access to this server at the hub (by a share there, or a role with access:servers): none, or terminal (use the IDE, and so run anything as the owner).",
  setBy: "administrator",
});

const allowAnyHubUser = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Let all users of the hub in, with or without access to this server: they can run anything as the owner.",
  setBy: "administrator",
  warn: (isOn, { hub }) =>
    hub !== undefined && isOn
      ? "--allow-any-hub-user is on: every user of the hub can run programs as the owner."
      : undefined,
});

const passHubToken = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Leave the hub's token in the environment of the IDE and apps. Anyone who can use the IDE can then act as the owner at the hub.",
  setBy: "administrator",
  warn: (isOn, { hub }) =>
    hub !== undefined && isOn
      ? "--pass-hub-token is on: everyone who can use the IDE can act as the owner at the hub."
      : undefined,
});

const allowExposedHubToken = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Create hub tokens for share links even if programs of the IDE can read the hub's token, and so do whatever the owner may at the hub.",
  setBy: "administrator",
});

const tlsCert = setting({
  schema: Type.String({ minLength: 1 }),
  description: "File with a PEM certificate; with --tls-key, WAIIDE serves HTTPS.",
  setBy: "administrator",
  key: "tls",
  decide: (_given, context): TlsFiles | undefined => decideTls(context),
  show: (tls) => tls?.certificateFile,
});

const tlsKey = setting({
  schema: Type.String({ minLength: 1 }),
  description: "File with the PEM key of --tls-cert.",
  setBy: "administrator",
  key: null,
  decide: (_given, context): string | undefined => decideTls(context)?.keyFile,
});

const tlsSelfSigned = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Serve HTTPS with a certificate of WAIIDE's own, which it makes, keeps in its data folder and renews. Browsers ask once; the start prints the fingerprint to compare.",
  setBy: "administrator",
  standaloneOnly: true,
  decide(given, context): boolean {
    const isOn = given && !context.isBehindHub;
    if (isOn && decideTls(context) !== undefined) {
      throw new GatewayError("TLS_UNREADABLE", { reason: "both --tls-self-signed and --tls-cert are set" });
    }
    return isOn;
  },
});

function decideTls({ hub, given }: Context): TlsFiles | undefined {
  const tls = hub?.tls ?? ownTls(given(tlsCert), given(tlsKey));
  if (tls === undefined && hub?.listener?.secure === true) {
    throw new GatewayError("TLS_UNREADABLE", { reason: "JUPYTERHUB_SERVICE_URL asks for https, and there is none" });
  }
  return tls;
}

function ownTls(certificate: string | undefined, key: string | undefined): TlsFiles | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    throw new GatewayError("TLS_UNREADABLE", { reason: "only one of --tls-cert and --tls-key is set" });
  }
  return { certificateFile: absolutePath(certificate), keyFile: absolutePath(key) };
}

export const accessSettings = {
  auth,
  token,
  "hashed-password": hashedPassword,
  "hub-share-level": hubShareLevel,
  "allow-any-hub-user": allowAnyHubUser,
  "pass-hub-token": passHubToken,
  "allow-exposed-hub-token": allowExposedHubToken,
  "tls-cert": tlsCert,
  "tls-key": tlsKey,
  "tls-self-signed": tlsSelfSigned,
} as const;
