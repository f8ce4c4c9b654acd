import { type BigIntStats, readFileSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "../../base/error-code.ts";
import { homeFolder, ownUser } from "../../system/home-folder.ts";
import { unlessMissing } from "../../system/missing-file.ts";

/** Entries of /etc/passwd that are read. */
const maxEntries = 2_000;

/** People's accounts begin here (login.defs(5)); accounts below belong to programs. */
const firstPerson = 1_000;

/** The home folders that matter for one root. */
export interface Homes {
  /** Absolute, without links: those below the root, the root itself, and those it lies in. */
  readonly paths: readonly string[];
  /** Of this user's home folder, for bind mounts and other names of it. */
  readonly identities: ReadonlySet<string>;
}

/** @param root absolute, without links */
export async function homesFor(root: string): Promise<Homes> {
  const own = await realPaths(ownHomes());
  const identities = new Set<string>();
  for (const home of own) {
    const stats = await statOf(home);
    if (stats !== undefined) identities.add(identityOf(stats));
  }
  const paths = new Set(own);
  let isInOwn = false;
  for (const folder of andAbove(root)) {
    const stats = await statOf(folder);
    if (stats === undefined || !identities.has(identityOf(stats))) continue;
    paths.add(folder);
    isInOwn = true;
  }
  // Reading other homes may mount them: they are read only where they could lie below the root.
  if (!isInOwn) for (const home of await realPaths(passwdHomes())) paths.add(home);
  for (const folder of andAbove(root)) if (isPersonal(folder)) paths.add(folder);
  return { paths: [...paths], identities };
}

/** Folders of `/home` are homes, whether this machine knows their users or not. */
export function isPersonal(path: string): boolean {
  return path !== "/home" && dirname(path) === "/home";
}

/** The same for every path that leads to a folder, bind mounts included. */
export function identityOf({ dev, ino }: Pick<BigIntStats, "dev" | "ino">): string {
  return `${dev}:${ino}`;
}

function ownHomes(): string[] {
  return [homeFolder(), ownUser()?.homedir ?? ""].filter((home) => home.startsWith("/"));
}

function passwdHomes(file = "/etc/passwd"): string[] {
  return passwdText(file)
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([, , uid]) => uid === "0" || (Number(uid) >= firstPerson && Number(uid) < 65_534))
    .map((fields) => fields[5] ?? "")
    .filter((home) => home.startsWith("/") && home !== "/")
    .slice(0, maxEntries);
}

function passwdText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    return "";
  }
}

async function realPaths(paths: readonly string[]): Promise<string[]> {
  const real = await Promise.allSettled([...new Set(paths)].map((path) => realpath(path)));
  return [...new Set(real.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])))];
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  return unlessMissing(stat(path, { bigint: true })).catch((error: unknown) => {
    if (hasCode(error, "EACCES")) return undefined;
    throw error;
  });
}

function* andAbove(path: string): Iterable<string> {
  yield path;
  for (let folder = path; folder !== dirname(folder); ) {
    folder = dirname(folder);
    yield folder;
  }
}
