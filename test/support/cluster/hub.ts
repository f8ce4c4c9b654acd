import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pythonEnvironment } from "../../../scripts/environments/python.ts";
import { environments } from "../../../scripts/environments/table.ts";
import { type Hub, startHub } from "../hub/hub.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Pod } from "./pod.ts";

/** Where the chart mounts the hub's files. */
const mounted = "/usr/local/etc/jupyterhub";

/** A server in a Pod. */
export interface PodServer {
  readonly user: string;
  readonly name: string;
  readonly url: string;
  readonly pod: Pod;
}

/**
 * The hub of the chart in a namespace, in place of the Pod that the chart makes for it, whose image is in a registry: what the chart
 * mounts into that Pod is read from the cluster, and the hub logs in at the API server as its service account.
 */
export class ClusterHub {
  readonly hub: Hub;
  readonly #plane: ControlPlane;
  readonly #namespace: string;
  /** Of what the chart mounts. */
  readonly #folder: string;

  private constructor(hub: Hub, plane: ControlPlane, namespace: string, folder: string) {
    this.hub = hub;
    this.#plane = plane;
    this.#namespace = namespace;
    this.#folder = folder;
  }

  static async start(plane: ControlPlane, namespace: string, users: readonly string[]): Promise<ClusterHub> {
    const folder = await mkdtemp(join(tmpdir(), "waiide-chart-hub-"));
    const bin = await pythonEnvironment(environments.clusterHub);
    try {
      await mount(plane, namespace, folder);
      await plane.writeKubeconfig(join(folder, "kubeconfig"), await accountToken(plane, namespace), namespace);
      const hub = await startHub({
        bin,
        users,
        hubEnvironment: { KUBECONFIG: join(folder, "kubeconfig"), POD_NAMESPACE: namespace },
        config: configOf(folder),
      });
      return new ClusterHub(hub, plane, namespace, folder);
    } catch (error) {
      await rm(folder, { recursive: true });
      throw error;
    }
  }

  /** Starts a user's server as the hub's button does, and waits for its IDE. */
  async startServer(user: string, name = "", options: unknown = {}): Promise<PodServer> {
    await this.hub.api.startServer(user, name, options);
    for (;;) {
      const server = (await this.hub.api.user(user)).servers[name];
      if (server?.ready) return this.#ready(user, name, server.url);
      if (server === undefined || server.pending === null) {
        throw new Error(`the server of ${user} did not start:\n${this.hub.output.slice(-6000)}`);
      }
      await delay(100);
    }
  }

  /** The Pods of users' servers. */
  async pods(): Promise<readonly Pod[]> {
    const path = `/api/v1/namespaces/${this.#namespace}/pods?labelSelector=component%3Dsingleuser-server`;
    return (await this.#plane.api.get<{ items: Pod[] }>(path)).items;
  }

  async stop(): Promise<void> {
    await this.hub.stop();
    await rm(this.#folder, { recursive: true });
  }

  async #ready(user: string, name: string, path: string): Promise<PodServer> {
    const url = new URL(path, this.hub.url).href;
    for (;;) {
      const { ide } = (await (await fetch(`${url}api/health`)).json()) as { ide: string };
      if (ide === "ready") break;
      if (ide === "failed") throw new Error(`the IDE of ${user} does not run`);
      await delay(100);
    }
    const isIts = ({ spec }: Pod) =>
      spec.containers[0].env?.some((entry) => entry.name === "JUPYTERHUB_SERVICE_PREFIX" && entry.value === path);
    const pod = (await this.pods()).find(isIts);
    if (pod === undefined) throw new Error(`there is no Pod of ${user}/${name}`);
    return { user, name, url, pod };
  }
}

/** Writes what the chart mounts into the hub's Pod. */
async function mount(plane: ControlPlane, namespace: string, folder: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`;
  const { data: config } = await plane.api.get<{ data: Record<string, string> }>(`${path}/configmaps/hub`);
  const { data: encoded } = await plane.api.get<{ data: Record<string, string> }>(`${path}/secrets/hub`);
  const secret = Object.fromEntries(
    Object.entries(encoded).map(([name, text]) => [name, Buffer.from(text, "base64").toString()]),
  );
  const files = {
    "jupyterhub_config.py": config["jupyterhub_config.py"],
    "z2jh.py": config["z2jh.py"],
    "share-policy.py": secret["share-policy"],
    ...within("config", config),
    ...within("secret", secret),
  };
  await mkdir(join(folder, "config"));
  await mkdir(join(folder, "secret"));
  for (const [name, text = ""] of Object.entries(files)) {
    await writeFile(join(folder, name), text.replaceAll(mounted, folder));
  }
}

function within(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

/** A token of the service account to which the chart gives the hub's rights. */
async function accountToken(plane: ControlPlane, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/hub/token`;
  const { status } = await plane.api.create<{ status: { token: string } }>(path, { spec: { expirationSeconds: 7200 } });
  return status.token;
}

/** Runs the chart's configuration, then what a hub outside of the cluster must have of its own. */
function configOf(folder: string): string {
  return `
import copy
own = copy.deepcopy(c)
port = own.JupyterHub.hub_bind_url.rsplit(":", 1)[1]
# The values say what is started, and how.
for section in ("Spawner", "SimpleLocalProcessSpawner"):
    del own[section]
del own.JupyterHub["spawner_class"]
os.environ.update({"HUB_SERVICE_PORT": port, "PROXY_API_SERVICE_PORT": own.ConfigurableHTTPProxy.api_url.rsplit(":", 1)[1]})
chart = ${JSON.stringify(join(folder, "jupyterhub_config.py"))}
with open(chart) as file:
    exec(compile(file.read(), chart, "exec"), {"get_config": get_config, "load_subconfig": load_subconfig, "__file__": chart})
for service in c.JupyterHub.services:
    service["command"] = [part.replace("localhost:8081", f"127.0.0.1:{port}") for part in service["command"]]
own.JupyterHub.services = [*c.JupyterHub.services, *own.JupyterHub.services]
own.JupyterHub.load_roles = [*c.JupyterHub.load_roles, *own.JupyterHub.load_roles]
c.merge(own)
c.ConfigurableHTTPProxy.should_start = True
c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{port}"
c.JupyterHub.hub_connect_url = f"http://127.0.0.1:{port}"
c.Spawner.hub_connect_url = f"http://hub:{port}"
c.KubeSpawner.environment["WAIIDE_PUBLIC_URL"] = "http://share.test"
c.Spawner.poll_interval = 2
`;
}
