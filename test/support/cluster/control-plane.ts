import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { kubernetesPrograms, whyNoCluster } from "../../../scripts/environments/kubernetes.ts";
import { freePort } from "../gateway.ts";
import { Program } from "../program.ts";
import { KubernetesApi } from "./api.ts";

const run = promisify(execFile);

/** The second is the name of the scheduler of the chart; here one does the work of both. */
const schedulers = ["default-scheduler", "hub-user-scheduler"];

/** A class of volumes that are folders of this machine, as the controller manager makes them. */
const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "kubernetes.io/host-path",
};

/** etcd and Kubernetes' control plane, as they are: API server, controller manager and scheduler. */
export class ControlPlane {
  /** As an administrator. */
  readonly api: KubernetesApi;
  /** For programs that log in as an administrator. */
  readonly kubeconfig: string;
  /** Everything on the disk. */
  readonly folder: string;
  /** Has helm. */
  readonly programs: string;
  readonly #server: string;
  readonly #running: Program[] = [];

  private constructor(folder: string, programs: string, port: number, certificate: string, token: string) {
    this.folder = folder;
    this.programs = programs;
    this.#server = `https://127.0.0.1:${port}`;
    this.kubeconfig = join(folder, "kubeconfig");
    this.api = new KubernetesApi(this.#server, certificate, token);
  }

  /** @throws Error with what is missing on this machine */
  static async start(): Promise<ControlPlane> {
    const reason = whyNoCluster();
    if (reason !== undefined) throw new Error(`A cluster cannot run here: ${reason}.`);
    const programs = await kubernetesPrograms((text) => process.stderr.write(`${text}\n`));
    const folder = await mkdtemp(join(tmpdir(), "waiide-cluster-"));
    const token = randomBytes(24).toString("hex");
    const port = await freePort();
    await writeKeys(folder);
    const plane = new ControlPlane(folder, programs, port, await readFile(join(folder, "server.crt"), "utf8"), token);
    try {
      await plane.#start(port, token);
    } catch (error) {
      await plane.stop();
      throw error;
    }
    return plane;
  }

  /** A file with which programs log in by a token. */
  async writeKubeconfig(file: string, token: string, namespace = "default"): Promise<void> {
    const content = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "tests",
      clusters: [
        { name: "tests", cluster: { server: this.#server, "certificate-authority": this.#file("server.crt") } },
      ],
      users: [{ name: "tests", user: { token } }],
      contexts: [{ name: "tests", context: { cluster: "tests", user: "tests", namespace } }],
    };
    await writeFile(file, JSON.stringify(content), { mode: 0o600 });
  }

  /** A namespace with the strictest Pod Security level, which also says what it thinks of Deployments. */
  async createNamespace(name: string): Promise<void> {
    const levels = Object.fromEntries(
      ["enforce", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
    );
    await this.api.create("/api/v1/namespaces", { metadata: { name, labels: levels } });
    // Without it the API server admits no Pod; the controller manager makes it.
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    await this.#until(async () => (await this.api.call("GET", account)).status === 200);
  }

  /** Ends all programs, the ones that were started last first. */
  async stop(): Promise<void> {
    for (const program of this.#running.reverse()) await program.stop("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  async #start(port: number, token: string): Promise<void> {
    const [store, peers] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    const urls = { "listen-client-urls": store, "advertise-client-urls": store, "listen-peer-urls": peers };
    this.#run("etcd", { ...urls, "data-dir": this.#file("etcd") });
    await writeFile(this.#file("tokens.csv"), `${token},admin,1,"system:masters"\n`, { mode: 0o600 });
    await this.writeKubeconfig(this.kubeconfig, token);
    this.#run(join(this.programs, "kube-apiserver"), {
      "etcd-servers": store,
      "authorization-mode": "RBAC",
      "bind-address": "127.0.0.1",
      "secure-port": String(port),
      "tls-cert-file": this.#file("server.crt"),
      "tls-private-key-file": this.#file("server.key"),
      "token-auth-file": this.#file("tokens.csv"),
      "service-account-issuer": "https://kubernetes.default.svc",
      "service-account-key-file": this.#file("accounts.pub"),
      "service-account-signing-key-file": this.#file("accounts.key"),
      "service-cluster-ip-range": "10.96.0.0/24",
      // Nothing here asks the cluster for the address of its API server.
      "endpoint-reconciler-type": "none",
    });
    await this.#until(async () => (await this.api.call("GET", "/readyz")).status === 200);
    this.#run(join(this.programs, "kube-controller-manager"), {
      kubeconfig: this.kubeconfig,
      "service-account-private-key-file": this.#file("accounts.key"),
      "enable-hostpath-provisioner": "true",
      "leader-elect": "false",
      "secure-port": "0",
      // The node says once that it is there.
      "node-monitor-grace-period": "24h",
    });
    await this.#startScheduler();
    await this.api.create("/apis/storage.k8s.io/v1/storageclasses", storageClass);
  }

  async #startScheduler(): Promise<void> {
    const configuration = {
      apiVersion: "kubescheduler.config.k8s.io/v1",
      kind: "KubeSchedulerConfiguration",
      clientConnection: { kubeconfig: this.kubeconfig },
      leaderElection: { leaderElect: false },
      profiles: schedulers.map((schedulerName) => ({ schedulerName })),
    };
    await writeFile(this.#file("scheduler.json"), JSON.stringify(configuration));
    this.#run(join(this.programs, "kube-scheduler"), { config: this.#file("scheduler.json"), "secure-port": "0" });
  }

  #file(name: string): string {
    return join(this.folder, name);
  }

  #run(command: string, options: Readonly<Record<string, string>>): void {
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.#running.push(new Program(command, args, { cwd: this.folder, env: process.env }));
  }

  /** @throws Error with the output of the program that ended, if one does */
  async #until(holds: () => Promise<boolean>): Promise<void> {
    for (;;) {
      const ended = this.#running.find((program) => !program.running);
      if (ended !== undefined) throw new Error(`the control plane ended:\n${ended.output.slice(-6000)}`);
      if (await holds().catch(isNotThereYet)) return;
      await delay(100);
    }
  }
}

/** Before it listens the API server refuses connections. */
function isNotThereYet(error: NodeJS.ErrnoException): false {
  if (error.code === "ECONNREFUSED" || error.code === "ECONNRESET") return false;
  throw error;
}

/** The API server's certificate, and the keys of service accounts' tokens. */
async function writeKeys(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const openssl = (...args: readonly string[]) => run("openssl", args, { cwd: folder });
  const names = "subjectAltName=IP:127.0.0.1";
  const subject = ["-subj", "/CN=waiide-tests", "-addext", names];
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "server.key"];
  await openssl("req", "-x509", ...key, "-out", "server.crt", "-days", "2", ...subject);
  await openssl("genrsa", "-out", "accounts.key", "2048");
  await openssl("rsa", "-in", "accounts.key", "-pubout", "-out", "accounts.pub");
}
