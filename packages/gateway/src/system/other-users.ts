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

function isPerson(uid: number): boolean {
  return uid >= firstLoginUid && uid !== nobodyUid;
}
