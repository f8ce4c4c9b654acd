import { readFile } from "node:fs/promises";
import { platform } from "node:process";

const firstLoginUid = 1000;
const nobodyUid = 65534;

/** The names of other people who can log in to this machine and so reach its loopback addresses (RULES R5). Linux only. */
export async function otherLoginUsers(file = "/etc/passwd", ownUid = process.getuid?.()): Promise<string[]> {
  if (platform !== "linux") return [];
  const rows = (await readFile(file, "utf8")).split("\n").map((line) => line.split(":"));
  return rows
    .filter(([, , uid]) => isPerson(Number(uid)) && Number(uid) !== ownUid)
    .filter((row) => row.length >= 7 && !/(nologin|false|sync)$/.test(row[6] ?? ""))
    .map(([name = ""]) => name);
}

/** Whether nobody but its user can connect to a unix socket of this mode. */
export function isPrivate(mode: number): boolean {
  return (mode & 0o066) === 0;
}

/** Those who can connect to an address on loopback, or to a unix socket. */
export async function usersWhoCanConnect(
  { socket, socketMode }: { readonly socket: string | undefined; readonly socketMode: number },
  find: () => Promise<string[]> = otherLoginUsers,
): Promise<string[]> {
  return socket !== undefined && isPrivate(socketMode) ? [] : find();
}

function isPerson(uid: number): boolean {
  return uid >= firstLoginUid && uid !== nobodyUid;
}
