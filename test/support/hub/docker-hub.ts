import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "../../../scripts/environments/containers.ts";
import { pythonEnvironment } from "../../../scripts/environments/python.ts";
import { environments } from "../../../scripts/environments/table.ts";
import { type Hub, startHub } from "./hub.ts";

const configurations = resolve(import.meta.dirname, "../../../deploy/jupyterhub");

/** A server in a container. */
export interface ContainerServer {
  readonly user: string;
  readonly name: string;
  readonly url: string;
  readonly container: string;
}

export interface DockerHubOptions {
  readonly users?: readonly string[];
  /** More Python, run last. */
  readonly config?: string;
  /** Changes deploy/jupyterhub/docker.py: what is replaced by what. */
  readonly replace?: Readonly<Record<string, string>>;
}

/** A real JupyterHub with deploy/jupyterhub/docker.py: everything of it carries a name of its own, and is removed at the end. */
export class DockerHub {
  readonly hub: Hub;
  readonly prefix: string;
  readonly #engine: Engine;
  /** Of the configuration. */
  readonly #folder: string;

  private constructor(hub: Hub, prefix: string, engine: Engine, folder: string) {
    this.#folder = folder;
    this.hub = hub;
    this.prefix = prefix;
    this.#engine = engine;
  }

  static async start(engine: Engine, image: string, options: DockerHubOptions = {}): Promise<DockerHub> {
    const prefix = `waiide-test-${randomBytes(4).toString("hex")}`;
    const folder = await mkdtemp(join(tmpdir(), "waiide-docker-"));
    const bin = await pythonEnvironment(environments.dockerHub);
    try {
      await engine.podman("network", "create", prefix);
      // The network's gateway, at which containers reach the hub, is there while a container is.
      await engine.podman("run", "-d", "--name", `${prefix}-anchor`, "--network", prefix, image, "sleep", "infinity");
      const hub = await startHub({
        bin,
        hubEnvironment: {
          DOCKER_HOST: engine.environment.DOCKER_HOST,
          DOCKER_IMAGE: image,
          DOCKER_NETWORK: prefix,
          DOCKER_PREFIX: prefix,
        },
        ...(options.users && { users: options.users }),
        config: await configOf(folder, options),
      });
      return new DockerHub(hub, prefix, engine, folder);
    } catch (error) {
      await removeAll(engine, prefix);
      throw error;
    }
  }

  /** Starts a user's server as the hub's button does, and waits for its IDE. */
  async startServer(user: string, name = ""): Promise<ContainerServer> {
    const { hub } = this;
    await hub.api.startServer(user, name, {});
    for (;;) {
      const server = (await hub.api.user(user)).servers[name];
      if (server?.ready) return this.#ready(user, name, server.url);
      if (server === undefined || server.pending === null) {
        throw new Error(`the server of ${user} did not start:\n${hub.output.slice(-6000)}`);
      }
      await delay(100);
    }
  }

  /** Runs a shell command in a server's container as its user: hardened, root may not even write into his home. */
  exec({ container }: ContainerServer, command: string): Promise<string> {
    return this.#engine.podman("exec", "--user=1000:100", container, "sh", "-c", command);
  }

  /** The containers of this hub that are there, running or not. */
  async containers(): Promise<string[]> {
    return (await containersOf(this.#engine, this.prefix)).filter((name) => !name.endsWith("-anchor"));
  }

  /** Ends hub, containers, volumes and network. */
  async stop(): Promise<void> {
    await this.hub.stop();
    await removeAll(this.#engine, this.prefix);
    await rm(this.#folder, { recursive: true });
  }

  async #ready(user: string, name: string, path: string): Promise<ContainerServer> {
    const url = new URL(path, this.hub.url).href;
    const found = await this.containers();
    const label = `${user}/${name}`;
    for (const container of found) {
      const environment = await this.#engine.podman(
        "inspect",
        "--format",
        "{{range .Config.Env}}{{println .}}{{end}}",
        container,
      );
      const lines = environment.split("\n");
      if (lines.includes(`JUPYTERHUB_USER=${user}`) && lines.includes(`JUPYTERHUB_SERVER_NAME=${name}`)) {
        await this.#ideReady(url, container);
        return { user, name, url, container };
      }
    }
    throw new Error(`there is no container of ${label} among ${found.join(", ")}`);
  }

  async #ideReady(url: string, container: string): Promise<void> {
    for (;;) {
      const { ide } = (await (await fetch(`${url}api/health`)).json()) as { ide: string };
      if (ide === "ready") return;
      if (ide === "failed") throw new Error(`the IDE does not run:\n${await this.#engine.logs(container)}`);
      await delay(100);
    }
  }
}

async function containersOf(engine: Engine, prefix: string): Promise<string[]> {
  const names = await engine.podman("ps", "-a", "--filter", `name=^${prefix}-`, "--format", "{{.Names}}");
  return names.split("\n").filter((name) => name !== "");
}

async function removeAll(engine: Engine, prefix: string): Promise<void> {
  for (const name of await containersOf(engine, prefix)) await engine.podman("rm", "-f", "-t", "2", name);
  const volumes = await engine.podman("volume", "ls", "--filter", `name=${prefix}`, "--format", "{{.Name}}");
  for (const volume of volumes.split("\n").filter(Boolean)) await engine.podman("volume", "rm", volume);
  await engine.podman("network", "rm", "--force", prefix);
}

/** The files as administrators are given them, loaded as they load them, then what a hub of the tests must have of its own. */
async function configOf(folder: string, { config = "", replace = {} }: DockerHubOptions): Promise<string> {
  await cp(configurations, folder, { recursive: true });
  let text = await readFile(join(folder, "docker.py"), "utf8");
  for (const [from, to] of Object.entries(replace)) {
    if (!text.includes(from)) throw new Error(`docker.py has no ${from}`);
    text = text.replace(from, to);
  }
  await writeFile(join(folder, "docker.py"), text);
  return `
import docker
port = c.JupyterHub.hub_bind_url.rsplit(":", 1)[1]
# The image says what is started, and where.
del c.Spawner.cmd
del c.Spawner.environment
load_subconfig("docker.py", path=${JSON.stringify(folder)})
gateway = docker.from_env().networks.get(os.environ["DOCKER_NETWORK"]).attrs["IPAM"]["Config"][0]["Gateway"]
c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{port}"
c.Spawner.hub_connect_url = f"http://{gateway}:{port}"
c.Spawner.environment.update({"WAIIDE_PUBLIC_URL": "http://share.test"})
c.Spawner.poll_interval = 2
c.Spawner.start_timeout = 120
${config}
`;
}
