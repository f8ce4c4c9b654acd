import { execFile } from "node:child_process";
import { chmod, mkdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Engine } from "../../../scripts/environments/containers.ts";
import { mergePatch } from "./api.ts";
import type { ControlPlane } from "./control-plane.ts";
import { type Folders, type Pod, podmanOptions, startupAddress, type Volume } from "./pod.ts";

const run = promisify(execFile);

const nodeName = "node-1";
const capacity = { cpu: "16", memory: "64Gi", pods: "110" };
const phases = { true: "Succeeded", false: "Failed" } as const;

interface PersistentVolume {
  readonly spec: { readonly hostPath: { readonly path: string } };
}

/** How a container ended, for the Pod's status. */
interface Ending {
  readonly exitCode: number;
}

/**
 * A node of a cluster: runs the Pods that the scheduler gives it in podman, and tells the API server what became of them. A real
 * kubelet needs control groups, which containers of machines for tests do not have. Of a Pod it runs one container, without init
 * containers; it neither limits resources nor enforces network policies.
 */
export class ClusterNode {
  readonly #plane: ControlPlane;
  readonly #engine: Engine;
  /** The network of the Pods, and the beginning of the containers' names. */
  readonly #network: string;
  readonly #ended = new AbortController();
  /** What is done for each Pod by its uid, one thing after the other. */
  readonly #work = new Map<string, Promise<void>>();
  readonly #leaving = new Set<string>();
  #watching: Promise<void> = Promise.resolve();
  /** What went wrong; tests show it. */
  readonly problems: string[] = [];

  private constructor(plane: ControlPlane, engine: Engine, network: string) {
    this.#plane = plane;
    this.#engine = engine;
    this.#network = network;
  }

  static async start(plane: ControlPlane, engine: Engine, network: string): Promise<ClusterNode> {
    const node = new ClusterNode(plane, engine, network);
    const conditions = [{ type: "Ready", status: "True", reason: "Tests", message: "podman runs here" }];
    await plane.api.create("/api/v1/nodes", {
      metadata: { name: nodeName, labels: { "kubernetes.io/hostname": hostname() } },
      status: { capacity, allocatable: capacity, conditions },
    });
    node.#watching = node.#watch();
    return node;
  }

  /** The container of a Pod. */
  container({ metadata }: Pick<Pod, "metadata">): string {
    return `${this.#network}-${metadata.uid}`;
  }

  /** Stops looking, and removes all containers and volumes. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#watching;
    const containers = await this.#engine.podman(
      "ps",
      "-a",
      "--filter",
      `name=^${this.#network}-`,
      "--format",
      "{{.Names}}",
    );
    const names = containers.split("\n").filter((name) => name !== "");
    if (names.length > 0) await this.#engine.podman("rm", "-f", "-t", "2", ...names);
    await Promise.all(this.#work.values());
    const { items } = await this.#plane.api.get<{ items: PersistentVolume[] }>("/api/v1/persistentvolumes");
    for (const { spec } of items) await rm(spec.hostPath.path, { recursive: true, force: true });
  }

  async #watch(): Promise<void> {
    const path = `/api/v1/pods?fieldSelector=spec.nodeName%3D${nodeName}`;
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        for await (const { object } of this.#plane.api.watch<Pod>(path, signal)) this.#see(object);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  #see(pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) {
      if (this.#leaving.has(uid)) return;
      this.#leaving.add(uid);
      this.#next(pod, () => this.#remove(pod));
    } else if (!this.#work.has(uid)) this.#next(pod, () => this.#run(pod));
  }

  #next({ metadata }: Pod, work: () => Promise<void>): void {
    const before = this.#work.get(metadata.uid) ?? Promise.resolve();
    const done = before.then(work).catch((error: Error) => {
      if (!this.#ended.signal.aborted) this.problems.push(`${metadata.name}: ${error.message}`);
    });
    this.#work.set(metadata.uid, done);
  }

  async #run(pod: Pod): Promise<void> {
    const [{ image, args = [] }] = pod.spec.containers;
    if (!(await this.#has(image))) return this.#report(pod, "Pending", { waiting: { reason: "ErrImagePull" } });
    const folders = await this.#folders(pod);
    const name = this.container(pod);
    // In a cluster a Service has the hub's name.
    const network = [`--network=${this.#network}`, `--add-host=hub:${await this.#gateway()}`];
    await this.#engine.podman("run", "-d", "--name", name, ...network, ...podmanOptions(pod, folders), image, ...args);
    const address = `{{(index .NetworkSettings.Networks "${this.#network}").IPAddress}}`;
    const ip = await this.#engine.podman("inspect", "--format", address, name);
    const startedAt = `${new Date().toISOString().slice(0, -5)}Z`;
    await this.#report(pod, "Running", { running: { startedAt } }, { ip });
    const ending = this.#ending(pod);
    void this.#readyOnce(pod, ip, startedAt, ending);
  }

  /** Says that the Pod is ready once its startup probe succeeds, and how it ended once it has. */
  async #readyOnce(pod: Pod, ip: string, startedAt: string, ending: Promise<Ending | undefined>): Promise<void> {
    const address = startupAddress(pod, ip);
    const outcome = await Promise.race([ending, address === undefined ? "ready" : answers(address, ending)]);
    this.#next(pod, async () => {
      if (outcome === "ready") await this.#report(pod, "Running", { running: { startedAt } }, { ip, ready: true });
    });
    const ended = await ending;
    if (ended === undefined) return;
    this.#next(pod, () => this.#report(pod, phases[`${ended.exitCode === 0}`], { terminated: ended }, { ip }));
  }

  /** @returns undefined if the container was removed */
  async #ending(pod: Pod): Promise<Ending | undefined> {
    const code = await this.#engine.podman("wait", this.container(pod)).catch(() => undefined);
    return code === undefined || this.#leaving.has(pod.metadata.uid) ? undefined : { exitCode: Number(code) };
  }

  /** Ends a Pod as its deletion asks, and tells the API server that nothing of it is left. */
  async #remove(pod: Pod): Promise<void> {
    const { name, namespace, uid, deletionGracePeriodSeconds = 30 } = pod.metadata;
    await this.#engine.podman("stop", "--ignore", "-t", String(deletionGracePeriodSeconds), this.container(pod));
    await this.#engine.podman("rm", "-f", "--ignore", this.container(pod));
    await rm(this.#temporary(pod), { recursive: true, force: true });
    const options = { gracePeriodSeconds: 0, preconditions: { uid } };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const { status, body } = await this.#plane.api.call<object>("DELETE", path, options);
    if (status !== 200) throw new Error(JSON.stringify(body));
  }

  async #report(pod: Pod, phase: string, state: object, { ip = "", ready = false } = {}): Promise<void> {
    const { name, namespace } = pod.metadata;
    const [{ name: container, image }] = pod.spec.containers;
    const containerStatuses = [{ name: container, image, imageID: "", restartCount: 0, ready, started: ready, state }];
    const conditions = ["PodScheduled", "Ready"].map((type) => {
      const status = type === "PodScheduled" || ready ? "True" : "False";
      return { type, status };
    });
    const addresses = ip === "" ? {} : { podIP: ip, podIPs: [{ ip }] };
    const status = { phase, conditions, containerStatuses, ...addresses };
    const { api } = this.#plane;
    const answer = await api.call<object>(
      "PATCH",
      `/api/v1/namespaces/${namespace}/pods/${name}/status`,
      { status },
      mergePatch,
    );
    if (answer.status !== 200 && answer.status !== 404) throw new Error(JSON.stringify(answer.body));
  }

  async #folders(pod: Pod): Promise<Folders> {
    const folders = new Map<string, string>();
    for (const volume of pod.spec.volumes ?? []) folders.set(volume.name, await this.#folder(pod, volume));
    return folders;
  }

  /** The folder of a volume, which belongs to the Pod's group as volumes of a cluster do. */
  async #folder(pod: Pod, volume: Volume): Promise<string> {
    const folder = await this.#place(pod, volume);
    await mkdir(folder, { recursive: true });
    const { fsGroup } = pod.spec.securityContext ?? {};
    if (fsGroup === undefined) return folder;
    await run("chgrp", ["-R", String(fsGroup), folder]);
    await chmod(folder, volume.emptyDir === undefined ? 0o2775 : 0o2777);
    return folder;
  }

  async #place(pod: Pod, { name, persistentVolumeClaim, emptyDir }: Volume): Promise<string> {
    if (emptyDir !== undefined) return join(this.#temporary(pod), name);
    const claim = persistentVolumeClaim?.claimName;
    if (claim === undefined) throw new Error(`this node has no volumes like ${name}`);
    const { spec } = await this.#plane.api.get<{ spec: { volumeName: string } }>(
      `/api/v1/namespaces/${pod.metadata.namespace}/persistentvolumeclaims/${claim}`,
    );
    const volume = await this.#plane.api.get<PersistentVolume>(`/api/v1/persistentvolumes/${spec.volumeName}`);
    return volume.spec.hostPath.path;
  }

  #temporary({ metadata }: Pod): string {
    return join(this.#plane.folder, "pods", metadata.uid);
  }

  #has(image: string): Promise<boolean> {
    return this.#engine.podman("image", "exists", image).then(
      () => true,
      () => false,
    );
  }

  #gateway(): Promise<string> {
    const format = "{{range .Subnets}}{{.Gateway}}{{end}}";
    return this.#engine.podman("network", "inspect", "--format", format, this.#network);
  }
}

/** Resolves once an address answers well; never if the container ends before. */
async function answers(address: string, ending: Promise<unknown>): Promise<"ready" | undefined> {
  const ended = ending.then(() => true);
  for (;;) {
    const isWell = await fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isWell) return "ready";
    if (await Promise.race([ended, delay(200, false)])) return undefined;
  }
}
