// Containers for the tests: podman, which keeps everything in one folder, and its service, which speaks Docker's API in place of
// Docker's daemon.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { cacheFolder } from "./once.ts";

const run = promisify(execFile);

/** What podman may print. Bytes. */
const outputLimit = 2 ** 26;

/** statfs(2), CGROUP2_SUPER_MAGIC. */
const cgroup2 = 0x63677270;

const baseImage = "localhost/debian:bookworm-slim";

/** The service must answer within this time after its start. Milliseconds. */
const serviceLimit = 60_000;

/** What the engine runs. Debian's podman asks for crun or runc, and for netavark not at all. */
const programs: readonly { readonly name: string; readonly package: string }[] = [
  { name: "podman", package: "podman" },
  { name: "crun", package: "crun" },
  { name: "netavark", package: "netavark" },
  { name: "aardvark-dns", package: "aardvark-dns" },
  { name: "debootstrap", package: "debootstrap" },
];

/** Where the engine looks for programs. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** undefined: the system has no users by number. */
  readonly user: number | undefined;
  readonly folders: readonly string[];
}

/** Debian has podman's own helpers in a folder that no PATH names. */
function thisMachine(): Machine {
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return { platform: process.platform, user: process.getuid?.(), folders: [...path, "/usr/lib/podman"] };
}

/**
 * Says why the engine cannot run here; undefined if it can. Its base image is made of Debian's packages, and no image of a
 * registry takes part: where one is reachable it limits how often anyone may ask.
 */
export function whyNoContainers({ platform, user, folders }: Machine = thisMachine()): string | undefined {
  if (platform !== "linux") return "containers need Linux";
  const missing = programs.filter(({ name }) => !folders.some((folder) => existsSync(join(folder, name))));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(", ");
    return `not installed: ${names} (on Debian: apt-get install ${missing.map((program) => program.package).join(" ")})`;
  }
  if (user !== 0) return "podman needs root here, and the tests run as another user";
  return undefined;
}

/**
 * Starts the engine. Images stay between runs, so that a build reuses the layers that did not change.
 * @throws Error with what is missing on this machine
 */
export async function startEngine(): Promise<Engine> {
  const reason = whyNoContainers();
  if (reason !== undefined) throw new Error(`Containers cannot run here: ${reason}.`);
  const engine = new Engine(join(cacheFolder(), "containers"));
  try {
    await engine.start();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

export class Engine {
  /** Makes podman, and programs that speak Docker's API, use this engine. */
  readonly environment: NodeJS.ProcessEnv;
  /** For everything that is kept. */
  readonly #folder: string;
  /** For the service's socket. */
  readonly #runtime = mkdtempSync(join(tmpdir(), "waiide-engine-"));
  #service: ChildProcess | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    const settings = join(folder, "etc");
    this.environment = {
      ...process.env,
      // Podman reads its policy there, and leaves files there.
      HOME: join(folder, "home"),
      CONTAINERS_CONF: join(settings, "containers.conf"),
      CONTAINERS_STORAGE_CONF: join(settings, "storage.conf"),
      CONTAINERS_REGISTRIES_CONF: join(settings, "registries.conf"),
      DOCKER_HOST: `unix://${join(this.#runtime, "podman.sock")}`,
    };
  }

  async start(): Promise<void> {
    this.#writeSettings();
    this.#service = spawn("podman", ["system", "service", "--time=0", this.environment.DOCKER_HOST ?? ""], {
      env: this.environment,
      stdio: "ignore",
    });
    const end = performance.now() + serviceLimit;
    while (!existsSync(join(this.#runtime, "podman.sock"))) {
      if (this.#service.exitCode !== null || performance.now() > end)
        throw new Error("podman's service does not start");
      await delay(50);
    }
    await this.#makeBaseImage();
  }

  /** Ends the service; containers must have been removed. Removes images that builds left behind a week ago. */
  async close(): Promise<void> {
    await this.podman("image", "prune", "--force", "--filter", "until=168h");
    const service = this.#service;
    if (service !== undefined && service.exitCode === null) {
      const ended = new Promise((resolve) => service.once("exit", resolve));
      service.kill();
      await ended;
    }
    rmSync(this.#runtime, { recursive: true, force: true });
  }

  /**
   * Runs podman, whose commands are Docker's.
   * @returns what it printed
   * @throws Error with its output if it fails
   */
  async podman(...args: readonly string[]): Promise<string> {
    const options = { env: this.environment, maxBuffer: outputLimit };
    const { stdout } = await run("podman", args, options);
    return stdout.trim();
  }

  /** podman prints a container's logs on both of its outputs. */
  async logs(container: string): Promise<string> {
    const { stdout, stderr } = await run("podman", ["logs", container], {
      env: this.environment,
      maxBuffer: outputLimit,
    });
    return stdout + stderr;
  }

  /** Builds the image. @param contexts folders that stand in for stages of the Dockerfile. @param target default: its last stage */
  async build(
    repository: string,
    tag: string,
    contexts: Readonly<Record<string, string>> = {},
    target?: string,
  ): Promise<void> {
    const stages = Object.entries(contexts).map(([stage, folder]) => `--build-context=${stage}=${folder}`);
    const home = process.env.HOME ?? "";
    const secrets = [
      ["npmrc", join(home, ".npmrc")],
      ["pip", process.env.PIP_CONFIG_FILE ?? firstOf([join(home, ".config/pip/pip.conf"), "/etc/pip.conf"])],
      ["certificates", process.env.NODE_EXTRA_CA_CERTS ?? ""],
    ].flatMap(([id, file]) => (file && existsSync(file) ? [`--secret=id=${id},src=${file}`] : []));
    const options = ["--isolation=chroot", "--layers", "--format=docker", `--build-arg=BASE=${baseImage}`];
    if (target !== undefined) options.push(`--target=${target}`);
    const dockerfile = join(repository, "deploy/docker/Dockerfile");
    await this.podman("build", ...options, ...stages, ...secrets, "-t", tag, "-f", dockerfile, repository);
  }

  #writeSettings(): void {
    const folder = this.#folder;
    for (const name of ["bin", "etc", "home/.config/containers", "networks", "run", "storage"]) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    const wrapper = join(folder, "bin", "crun");
    writeFileSync(wrapper, crunWrapper, { mode: 0o755 });
    const own = statfsSync("/sys/fs/cgroup").type === cgroup2 ? "" : ownCgroup(wrapper);
    const settings = {
      "etc/containers.conf": `[containers]
${own === "" ? "" : 'cgroups = "disabled"\n'}default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "${folder}/run/libpod"
${own}[network]
network_backend = "netavark"
network_config_dir = "${folder}/networks"
`,
      "etc/storage.conf": `[storage]
driver = "overlay"
graphroot = "${folder}/storage"
runroot = "${folder}/run/containers"
`,
      "etc/registries.conf": 'unqualified-search-registries = ["localhost"]\nshort-name-mode = "permissive"\n',
      "home/.config/containers/policy.json": '{"default": [{"type": "insecureAcceptAnything"}]}\n',
    };
    for (const [name, text] of Object.entries(settings)) writeFileSync(join(folder, name), text);
  }

  /** Debian from its own packages. */
  async #makeBaseImage(): Promise<void> {
    if (await this.#has(baseImage)) return;
    const root = join(this.#folder, "debian");
    const archive = join(this.#folder, "debian.tar");
    rmSync(root, { recursive: true, force: true });
    await run("debootstrap", ["--variant=minbase", "bookworm", root], { maxBuffer: outputLimit });
    for (const used of ["var/cache/apt/archives", "var/lib/apt/lists"]) {
      rmSync(join(root, used), { recursive: true, force: true });
      mkdirSync(join(root, used, "partial"), { recursive: true });
    }
    await run("tar", ["-C", root, "--numeric-owner", "-cf", archive, "."]);
    await this.podman("import", "--quiet", "--change", 'CMD ["bash"]', archive, baseImage);
    rmSync(root, { recursive: true, force: true });
    rmSync(archive);
  }

  #has(image: string): Promise<boolean> {
    return this.podman("image", "exists", image).then(
      () => true,
      () => false,
    );
  }
}

function firstOf(files: readonly string[]): string | undefined {
  return files.find((file) => existsSync(file));
}

/** crun needs cgroup 2; on a machine with the old kind it gets one in a mount namespace of its own. */
const crunWrapper = `#!/bin/sh
exec unshare --mount --propagation slave /bin/sh -c '
  mount -t tmpfs none /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup &&
  exec /usr/bin/crun --cgroup-manager=disabled "$@"' crun "$@"
`;

/** Podman 4.3 reads “runtime_supports_nocgroup”, in the singular, although its manual says otherwise. */
function ownCgroup(program: string): string {
  return `runtime = "crun-without-cgroup"
runtime_supports_nocgroup = ["crun-without-cgroup"]
runtime_supports_json = ["crun-without-cgroup"]
[engine.runtimes]
crun-without-cgroup = ["${program}"]
`;
}
