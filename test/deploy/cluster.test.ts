// A cluster of Kubernetes' own control plane, and of a node that runs Pods in podman (test/support/cluster/node.ts). Not tested here,
// as nothing does them: network policies that take effect, limits of resources, liveness probes, and the images of the chart itself.
import { randomBytes } from "node:crypto";
import { sessionClose } from "@waiide/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, startEngine } from "../../scripts/environments/containers.ts";
import { chartHooks, installChart, type ServerObjects, serverObjects } from "../support/cluster/chart.ts";
import { ControlPlane } from "../support/cluster/control-plane.ts";
import { ClusterHub, type PodServer } from "../support/cluster/hub.ts";
import { ClusterNode } from "../support/cluster/node.ts";
import { idePage } from "../support/hub/contract.ts";
import { Guest, Owner } from "../support/hub/sharing.ts";
import { patience } from "../support/patience.ts";
import { builtImage } from "./built-image.ts";

/** The namespace of the hub. */
const namespace = "hub";

/** What deploy/kubernetes/values.yaml calls our image. */
const imageName = "registry.example.org/waiide:0.1.0";

/** Of the Pods. */
const network = `waiide-test-${randomBytes(4).toString("hex")}`;

const odd = "bob.x@ex.org";

let engine: Engine;
let node: ClusterNode;
let plane: ControlPlane;
let warnings: string;
let servers: readonly ServerObjects[];

beforeAll(async () => {
  engine = await startEngine();
  await engine.podman("tag", await builtImage(engine), imageName);
  await engine.podman("network", "create", network);
  plane = await ControlPlane.start();
  await plane.createNamespace(namespace);
  node = await ClusterNode.start(plane, engine, network);
  warnings = await installChart(plane, namespace);
  servers = await serverObjects(plane);
}, 7_200_000);
afterAll(async () => {
  await node?.stop();
  await plane?.stop();
  await engine?.podman("network", "rm", "--force", network);
  await engine?.podman("rmi", "--ignore", imageName);
  await engine?.close();
  expect(node?.problems).toEqual([]);
});

describe("Kubernetes' API server, with Pod Security level “restricted”", () => {
  it("accepts all objects of the chart with our values, without a warning", async () => {
    expect(warnings).toBe("");
    const hooks = await chartHooks(plane, namespace);
    expect(hooks.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["DaemonSet", "Job", "Role"]));
    for (const object of hooks) {
      expect(await plane.api.dryRun(object, namespace), object.kind).toMatchObject({ status: 201, warnings: [] });
    }
  });

  it("keeps network policies that let servers reach no private address", async () => {
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
    const { items } = await plane.api.get<{ items: { metadata: { name: string }; spec: Record<string, unknown> }[] }>(
      path,
    );
    expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(["hub", "proxy", "singleuser"]);
    const text = JSON.stringify(items.find(({ metadata }) => metadata.name === "singleuser")?.spec);
    expect(JSON.parse(text)).toMatchObject({ policyTypes: ["Ingress", "Egress"] });
    expect(text).toContain(
      '"cidr":"0.0.0.0/0","except":["10.0.0.0/8","172.16.0.0/12","192.168.0.0/16","169.254.169.254/32"]',
    );
  });

  it("admits the Pod and the volume of every server", async () => {
    expect(servers).toHaveLength(3);
    for (const { claim, pod } of servers) {
      for (const object of [claim, pod]) {
        expect(await plane.api.dryRun(object, namespace)).toMatchObject({ status: 201, warnings: [] });
      }
    }
  });

  it.each([
    ["runAsNonRoot", { runAsNonRoot: false }],
    ["allowPrivilegeEscalation", { allowPrivilegeEscalation: true }],
    ["unrestricted capabilities", { capabilities: {} }],
    ["seccompProfile", { seccompProfile: { type: "Unconfined" } }],
  ])("refuses the Pod without one of its protections: %s", async (reason, context) => {
    const [server] = servers;
    const [container] = (server?.pod.spec.containers ?? []) as { securityContext: object }[];
    const weak = { ...container, securityContext: { ...container?.securityContext, ...context } };
    const pod = { ...server?.pod, spec: { ...server?.pod.spec, containers: [weak] } } as ServerObjects["pod"];
    const { status, body } = await plane.api.dryRun(pod, namespace);
    expect(status).toBe(403);
    expect(body.message).toContain('violates PodSecurity "restricted');
    expect(body.message).toContain(reason);
  });
});

describe("JupyterHub with KubeSpawner, as the chart configures it", () => {
  let cluster: ClusterHub;
  let first: PodServer;
  let named: PodServer;

  beforeAll(async () => {
    cluster = await ClusterHub.start(plane, namespace, ["alice", "bob", odd]);
    first = await cluster.startServer("alice");
    named = await cluster.startServer("alice", "waiide", { profile: "large" });
  });
  afterAll(() => cluster?.stop());

  /** Runs a shell command in a server's container as its user. */
  const shell = ({ pod }: PodServer, command: string) =>
    engine.podman("exec", node.container(pod), "sh", "-c", command);

  it("a user who logs in at the hub gets the IDE of a Pod that the scheduler placed", async () => {
    const client = await cluster.hub.login("alice");
    await expect.poll(async () => (await client.open(first.url)).body, patience).toMatch(idePage);
    expect((await client.open(named.url)).body).toMatch(idePage);
    const pods = await cluster.pods();
    expect(pods.map(({ metadata }) => metadata.name).sort()).toEqual(["jupyter-alice", "jupyter-alice--waiide"]);
    expect(pods).toMatchObject([{ spec: { nodeName: "node-1" } }, { spec: { nodeName: "node-1" } }]);
    expect(await shell(first, "id -u; id -g; touch /x 2>&1 || true")).toMatch(/^1000\n100\n.*Read-only file system$/);
  });

  it("each server has a volume of its own, where files survive stop and start", async () => {
    await shell(first, "echo hello > /home/alice/workspace/kept.txt && echo x > /tmp/gone");
    expect(await shell(named, "ls /home/alice/workspace")).not.toContain("kept.txt");
    await cluster.hub.stopServer("alice");
    expect((await cluster.pods()).map(({ metadata }) => metadata.name)).toEqual(["jupyter-alice--waiide"]);
    first = await cluster.startServer("alice");
    expect(await shell(first, "cat /home/alice/workspace/kept.txt; ls /tmp/gone 2>/dev/null || true")).toBe("hello");
  });

  it("the home of a user with an odd name is their volume", async () => {
    const server = await cluster.startServer(odd);
    await shell(server, `echo hello > "/home/$JUPYTERHUB_USER/workspace/kept.txt"`);
    await cluster.hub.stopServer(odd);
    const again = await cluster.startServer(odd);
    expect(await shell(again, `cat "/home/$JUPYTERHUB_USER/workspace/kept.txt"`)).toBe("hello");
    await cluster.hub.stopServer(odd);
  });

  it("bob opens what alice shares with him, and is out when she ends it", async () => {
    const alice = await cluster.hub.login("alice");
    await cluster.hub.visit(alice, `${named.url}ide/`);
    const owner = await Owner.of(cluster.hub, { ...named, prefix: "", pid: 0, environment: {} });
    const share = await owner.create({ permission: "view", with: { user: "bob" } });
    expect(share).toMatchObject({ hub_access: { granted: true } });
    const bob = new Guest(cluster.hub, share, await cluster.hub.login("bob"));
    await cluster.hub.visit(bob.client, `${bob.url}login`);
    expect((await bob.post("enter", {})).status).toBe(204);
    const { welcome, closed } = await bob.session();
    expect(welcome).toMatchObject({ you: { name: "bob" } });
    await owner.ask("DELETE", `revoke/${share.id}`);
    expect(await closed).toBe(sessionClose.revoked);
    expect((await bob.post("enter", {})).status).toBe(404);
  });

  it("a hub that is killed and restarted finds the Pods", async () => {
    await cluster.hub.kill();
    await cluster.hub.start();
    const client = await cluster.hub.login("alice");
    await expect.poll(async () => (await client.open(named.url)).body, patience).toMatch(idePage);
    const [pod] = (await cluster.pods()).filter(({ metadata }) => metadata.name === "jupyter-alice--waiide");
    expect(pod?.metadata.uid).toBe(named.pod.metadata.uid);
  });
});

it("the chart's culler stops a server that nobody uses, and leaves its volume", async () => {
  await installChart(plane, namespace, ["--set=cull.timeout=60", "--set=cull.every=5"]);
  const cluster = await ClusterHub.start(plane, namespace, ["carol"]);
  try {
    await cluster.startServer("carol");
    const users = async () =>
      (await cluster.pods()).map(({ metadata }) => metadata.labels?.["hub.jupyter.org/username"]);
    await expect.poll(users, { ...patience, timeout: 300_000 }).not.toContain("carol");
    expect(cluster.hub.output).toMatch(/Culling server carol/);
    const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/claim-carol`;
    expect(await plane.api.get(claims)).toMatchObject({ status: { phase: "Bound" } });
  } finally {
    await cluster.stop();
  }
});
