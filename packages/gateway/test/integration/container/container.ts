import { execFile } from "node:child_process";
import { chmod, chown, copyFile, lstat, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

const run = promisify(execFile);

/** What the fixture says about itself after it entered the container, or why it could not. */
export interface Entered {
  readonly code?: string;
  readonly message?: string;
  readonly warnings?: readonly string[];
  readonly wrote?: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
  readonly folder: string;
  readonly data?: string;
  readonly host?: string;
}

export interface EnterOptions {
  readonly argv?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Starts the program: `setpriv --reuid=…`. Default: as the user who runs the tests. */
  readonly by?: readonly string[];
  /** Shell commands in a mount namespace of their own, before the program. */
  readonly mounts?: string;
}

/** A container's file system as far as the entrypoint cares: homes, passwd, tmp. */
export class TestContainer {
  readonly root: string;
  readonly #program: string;
  readonly #node: string;

  private constructor(root: string) {
    this.root = root;
    this.#program = join(root, "enter.cjs");
    this.#node = join(root, "node");
  }

  static async create(): Promise<TestContainer> {
    const container = new TestContainer(await mkdtemp(join(tmpdir(), "waiide-container-")));
    const { root } = container;
    await chmod(root, 0o755);
    for (const name of ["homes", "tmp"]) await mkdir(join(root, name));
    await chmod(join(root, "tmp"), 0o1777);
    await writeFile(join(root, "passwd"), "calliope:x:1000:100::/home/calliope:/bin/bash\n");
    await build({
      entryPoints: [join(import.meta.dirname, "fixtures/enter.ts")],
      outfile: container.#program,
      bundle: true,
      platform: "node",
      format: "cjs",
      logLevel: "error",
    });
    // A copy of Node that everybody can run, even if the repository is private.
    await copyFile(process.execPath, container.#node);
    return container;
  }

  close(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }

  home(user = "alice"): string {
    return join(this.root, "homes", user);
  }

  /** Makes a home that somebody owns. */
  async makeHome(user: string, uid: number, gid: number, mode: number): Promise<string> {
    const home = this.home(user);
    await mkdir(home);
    await chown(home, uid, gid);
    await chmod(home, mode);
    return home;
  }

  /** Runs `waiide <argv>` in the container, up to where the command itself would begin. */
  async enter({
    argv = [],
    environment = { JUPYTERHUB_USER: "alice" },
    by = [],
    mounts,
  }: EnterOptions = {}): Promise<Entered> {
    const program = [...by, this.#node, this.#program, this.root, ...argv];
    const command =
      mounts === undefined ? program : ["unshare", "--mount", "sh", "-euc", `${mounts}; exec "$@"`, "sh", ...program];
    const [file = "", ...args] = command;
    const options = { cwd: "/", env: { PATH: process.env.PATH, ...environment } };
    const { stdout } = await run(file, args, options);
    return JSON.parse(stdout) as Entered;
  }
}

/** `uid:gid mode` of a path, links not followed. */
export async function ownerOf(path: string): Promise<string> {
  const { uid, gid, mode } = await lstat(path);
  return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
}
