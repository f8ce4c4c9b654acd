import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chartHooks, installChart, type ServerObjects, serverObjects } from "../support/cluster/chart.ts";
import { ControlPlane } from "../support/cluster/control-plane.ts";

/** The namespace of the hub. */
const namespace = "hub";

let plane: ControlPlane;
let warnings: string;
let servers: readonly ServerObjects[];

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.createNamespace(namespace);
  warnings = await installChart(plane, namespace);
  servers = await serverObjects(plane);
}, 7_200_000);
afterAll(() => plane?.stop());

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
