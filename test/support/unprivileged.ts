import { execFile } from "node:child_process";
import { chmod, chown, copyFile, cp, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const gateway = resolve(import.meta.dirname, "../../packages/gateway/dist");

/** Root reads everything, so tests of permissions run as this user; other users need no change. */
const user = { uid: 1000, gid: 1000 };

/**
 * Runs a `waiide` sub-command as a user without rights, from a copy that this user can read even if the repository is private.
 * @param folder a fresh folder of the test
 * @param uid of a user; one without an entry in passwd has no home unless HOME names one
 */
export async function runUnprivileged(
  folder: string,
  args: readonly string[],
  { uid: wanted = user.uid, hasHome = true }: { readonly uid?: number; readonly hasHome?: boolean } = {},
): Promise<{ uid: number; code: number; stdout: string; stderr: string }> {
  const isRoot = process.getuid?.() === 0;
  const home = join(folder, "home-of-somebody");
  await chmod(folder, 0o755);
  await cp(gateway, join(folder, "dist"), { recursive: true });
  await copyFile(process.execPath, join(folder, "node"));
  await mkdir(home);
  if (isRoot) await chown(home, wanted, user.gid);
  const options = {
    cwd: home,
    env: { ...(hasHome ? { HOME: home } : {}), PATH: "/usr/bin:/bin" },
    ...(isRoot ? { ...user, uid: wanted } : {}),
  };
  const run = promisify(execFile);
  const { stdout: uid } = await run(join(folder, "node"), ["-p", "process.getuid()"], options);
  const outcome = await run(join(folder, "node"), [join(folder, "dist/waiide.cjs"), ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
  return { uid: Number(uid), ...outcome };
}
