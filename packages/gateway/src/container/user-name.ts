import { GatewayError } from "../base/errors.ts";

/** The user if neither a hub nor an administrator names one. */
export const imageUser = "calliope";

/** The longest name of a folder, bytes (Linux, NAME_MAX). */
const maxNameLength = 255;

/**
 * The user whose home folder, `/home/<name>`, the container serves.
 * @throws GatewayError USER_NAME_REFUSED if the name cannot be a folder's
 */
export function userNameOf(environment: NodeJS.ProcessEnv): string {
  const name = environment.JUPYTERHUB_USER || environment.WAIIDE_USER || imageUser;
  const reason = whyNoFolder(name);
  if (reason !== undefined) throw new GatewayError("USER_NAME_REFUSED", { name: JSON.stringify(name), reason });
  return name;
}

function whyNoFolder(name: string): string | undefined {
  if (name === "." || name === "..") return "it means another folder";
  if (name.includes("/")) return "it contains “/”";
  // Ends a field of /etc/passwd, and of Docker's volumes.
  if (name.includes(":")) return "it contains “:”";
  if (/\p{Cc}/u.test(name)) return "it contains a control character";
  if (Buffer.byteLength(name) > maxNameLength) return `it is longer than ${maxNameLength} bytes`;
  return undefined;
}
