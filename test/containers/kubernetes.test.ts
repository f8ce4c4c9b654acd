import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonEnvironment } from "../../scripts/environments/python.ts";
import { environments } from "../../scripts/environments/table.ts";
import { cleanEnvironment, freePort } from "../support/gateway.ts";
import { launcher } from "../support/hub/config.ts";
import { Program } from "../support/program.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../..");
const values = join(repository, "deploy/kubernetes/values.yaml");
const policies = join(repository, "deploy/jupyterhub");

/** Each with variables that servers get, and scopes that somebody gets. */
const otherPolicies: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  ["no-sharing", { WAIIDE_SHARING: "off" }, []],
  ["hub-users-only", {}, []],
  ["links-only", {}, []],
  ["links-and-tokens", { WAIIDE_SHARE_LINK_LEVEL: "edit" }, ["custom:waiide:view!user"]],
];

/** What is looked at of a Pod. */
interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: unknown;
    readonly initContainers?: readonly unknown[];
    readonly containers: readonly [Container];
    readonly volumes: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
  };
}
interface Container {
  readonly args: readonly string[];
  readonly command?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources: unknown;
  readonly securityContext: unknown;
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface Probe {
  readonly httpGet: { readonly path: string };
}
interface Rendered {
  readonly servers: readonly { readonly pod: Pod; readonly claim: { readonly metadata: { readonly name: string } } }[];
  readonly roles: readonly { readonly name: string; readonly scopes: readonly string[] }[];
}

let folder: string;
let bin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-kubernetes-"));
  bin = await pythonEnvironment(environments.kubernetes);
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "none",
    clusters: [{ name: "none", cluster: { server: "http://127.0.0.1:1" } }],
    users: [{ name: "none", user: {} }],
    contexts: [{ name: "none", context: { cluster: "none", user: "none" } }],
  };
  await writeFile(join(folder, "kubeconfig"), JSON.stringify(kubeconfig));
  await render(values, join(folder, "rendered"), ["named-people", ...otherPolicies.map(([name]) => name)]);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Renders the Pods of alice's default server, of her server “waiide” with the profile Large, and of bob.x@ex.org's. */
async function render(valuesFile: string, target: string, names: readonly string[]): Promise<void> {
  await mkdir(target);
  const chart = join(import.meta.dirname, "../support/zero-to-jupyterhub");
  const script = join(import.meta.dirname, "../support/render_kubernetes.py");
  const args = [script, chart, valuesFile, target, ...names.map((name) => join(policies, `${name}.py`))];
  await run(join(bin, "python"), args, { env: { ...process.env, KUBECONFIG: join(folder, "kubeconfig") } });
}

async function renderedWith(policy: string): Promise<Rendered> {
  return JSON.parse(await readFile(join(folder, "rendered", `${policy}.json`), "utf8")) as Rendered;
}

function environmentOf(pod: Pod | undefined): Record<string, string> {
  return Object.fromEntries((pod?.spec.containers[0].env ?? []).map(({ name, value }) => [name, value]));
}

describe("deploy/kubernetes/values.yaml", () => {
  it("passes the chart's schema, and its Pods pass Kubernetes' own", async () => {
    const target = join(folder, "rendered");
    const rendered = await renderedWith("named-people");
    expect(rendered.servers.map(({ pod }) => pod.metadata.name)).toEqual([
      "jupyter-alice",
      "jupyter-alice--waiide",
      expect.stringMatching(/^jupyter-bob-x-ex-org---\w+--waiide$/),
    ]);
    const files = (await readdir(target)).filter((file) => file.endsWith(".yaml")).map((file) => join(target, file));
    const validate = (...paths: string[]) =>
      run(join(bin, "kubernetes-validate"), ["--strict", "-k", "1.34", ...paths]);
    const { stderr, stdout } = await validate(...files);
    expect(`${stdout}${stderr}`.match(/passed for resource (pod|persistentvolumeclaim)/g)).toHaveLength(6);

    const [, pod] = rendered.servers.map((server) => server.pod);
    const wrong = { ...pod, spec: { ...pod?.spec, securityContexts: {} } };
    await writeFile(join(folder, "wrong.yaml"), JSON.stringify(wrong));
    await expect(validate(join(folder, "wrong.yaml"))).rejects.toMatchObject({
      stdout: expect.stringContaining("securityContexts"),
    });

    const [small, large, odd] = rendered.servers.map((server) => server.pod);
    for (const { spec, metadata } of rendered.servers.map((server) => server.pod)) {
      const [container] = spec.containers;
      // The image's entrypoint stays.
      expect(container.command).toBeUndefined();
      expect(container.args).toEqual(["waiide"]);
      expect(container.securityContext).toEqual({
        runAsUser: 1000,
        runAsGroup: 100,
        runAsNonRoot: true,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
      expect(spec.securityContext).toEqual({
        fsGroup: 100,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(spec.automountServiceAccountToken).toBe(false);
      // None with privileges, as the chart has by default.
      expect(spec.initContainers ?? []).toEqual([]);
      expect(metadata.labels).toMatchObject({ app: "jupyterhub", "hub.jupyter.org/network-access-hub": "true" });
    }
    const homes = [small, large, odd].map((each) =>
      each?.spec.containers[0].volumeMounts.map((mount) => mount.mountPath),
    );
    expect(homes).toEqual([
      ["/tmp", "/home/alice"],
      ["/tmp", "/home/alice"],
      ["/tmp", "/home/bob.x@ex.org"],
    ]);
    expect(environmentOf(odd).JUPYTERHUB_USER).toBe("bob.x@ex.org");
    expect(new Set(rendered.servers.map(({ claim }) => claim.metadata.name)).size).toBe(3);
    expect([small, large].map((each) => each?.spec.containers[0].resources)).toEqual([
      { requests: { cpu: 0.1, memory: 512 * 2 ** 20 }, limits: { cpu: 2, memory: 2 * 2 ** 30 } },
      { requests: { cpu: 0.1, memory: 2 * 2 ** 30 }, limits: { cpu: 4, memory: 8 * 2 ** 30 } },
    ]);
  });

  it("is refused by the schema with a key that the chart does not know", async () => {
    const misspelt = join(folder, "misspelt.yaml");
    await writeFile(misspelt, (await readFile(values, "utf8")).replace("  startTimeout:", "  startTimout:"));
    const refused = render(misspelt, join(folder, "refused"), ["no-sharing"]);
    await expect(refused).rejects.toThrow("'startTimout' was unexpected");
  });

  // The chart's own settings hide those of c.Spawner, which would leave all kinds of sharing open.
  it.each(otherPolicies)("R19: the share policy %s reaches servers and hub", async (name, environment, scopes) => {
    const rendered = await renderedWith(name);
    const text = await readFile(join(policies, `${name}.py`), "utf8");
    const set = environmentOf(rendered.servers[1]?.pod);
    for (const [, variable] of text.matchAll(/^\s+"(WAIIDE_\w+)":/gm)) expect(set).toHaveProperty(variable ?? "");
    expect(set).toMatchObject({ WAIIDE_SHUTDOWN_NO_ACTIVITY_TIMEOUT: "7200", ...environment });
    expect(rendered.roles.flatMap((role) => role.scopes)).toEqual(
      expect.arrayContaining(["delete:servers", ...scopes]),
    );
  });

  it("what the Pod starts, with the Pod's environment, answers the Pod's probes", async () => {
    const rendered = await renderedWith("named-people");
    const [container] = rendered.servers[1]?.pod.spec.containers ?? [];
    const home = join(folder, "home");
    await mkdir(join(home, "workspace"), { recursive: true });
    const port = await freePort();
    const set = environmentOf(rendered.servers[1]?.pod);
    const env = {
      ...cleanEnvironment(home),
      ...set,
      JUPYTERHUB_SERVICE_URL: set.JUPYTERHUB_SERVICE_URL?.replace(":8888", `:${port}`),
    };
    const gateway = new Program(launcher, [], { cwd: home, env });
    try {
      await gateway.printed(/WAIIDE is at \S+/);
      for (const probe of [container?.startupProbe, container?.livenessProbe]) {
        // The kubelet asks under the Pod's address.
        expect(await statusOf(port, probe?.httpGet.path ?? "", "10.1.2.3:8888")).toBe(200);
      }
    } finally {
      await gateway.stop();
    }
  });
});

function statusOf(port: number, path: string, host: string): Promise<number> {
  return new Promise((found, failed) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host } }, (answer) => {
      answer.resume();
      found(answer.statusCode ?? 0);
    });
    asked.once("error", failed).end();
  });
}
