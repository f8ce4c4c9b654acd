import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { pythonEnvironment } from "../../../scripts/environments/python.ts";
import { environments } from "../../../scripts/environments/table.ts";
import { fencedBlocks } from "../fenced-blocks.ts";
import type { KubernetesObject } from "./api.ts";
import type { ControlPlane } from "./control-plane.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../../..");
const chart = resolve(import.meta.dirname, "../zero-to-jupyterhub");

/** What helm and Python may print. Bytes. */
const outputLimit = 2 ** 26;

/** What the chart lets KubeSpawner make for a server. */
export interface ServerObjects {
  readonly claim: KubernetesObject;
  readonly pod: KubernetesObject & { readonly spec: Readonly<Record<string, unknown>> };
}

/**
 * Installs Zero to JupyterHub with our values, or changes it, by the command that docs/kubernetes.md names.
 * @param more of helm's options
 * @returns what the API server warned of
 */
export async function installChart(
  plane: ControlPlane,
  namespace: string,
  more: readonly string[] = [],
): Promise<string> {
  const block = (await fencedBlocks("kubernetes.md")).find(({ text }) => text.startsWith("helm upgrade"));
  if (block === undefined) throw new Error("docs/kubernetes.md does not say how to install the chart");
  const [, ...documented] = block.text.replaceAll("\\\n", " ").trim().split(/\s+/);
  const folder = await chartFolder();
  try {
    // The chart's own site is not asked. Hooks wait until all nodes have images of a registry.
    const from = documented.indexOf("jupyterhub");
    const args = documented.toSpliced(
      from,
      "jupyterhub --repo URL --version X".split(" ").length,
      folder,
      "--no-hooks",
    );
    return (await helm(plane, [...args, ...more, `--namespace=${namespace}`])).stderr;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the chart makes before it is installed, and removes afterwards. */
export async function chartHooks(plane: ControlPlane, namespace: string): Promise<readonly KubernetesObject[]> {
  const { stdout } = await helm(plane, ["get", "hooks", "hub", `--namespace=${namespace}`]);
  const bin = await pythonEnvironment(environments.kubernetes);
  const program = "import json, sys, yaml; print(json.dumps(list(filter(None, yaml.safe_load_all(sys.argv[1])))))";
  const parsed = await run(join(bin, "python"), ["-c", program, stdout], { maxBuffer: outputLimit });
  return JSON.parse(parsed.stdout) as KubernetesObject[];
}

/** What KubeSpawner makes with our values for a default server, a named one, and one of a user with an odd name. */
export async function serverObjects(plane: ControlPlane): Promise<readonly ServerObjects[]> {
  const bin = await pythonEnvironment(environments.kubernetes);
  const target = await mkdtemp(join(tmpdir(), "waiide-rendered-"));
  try {
    const script = resolve(import.meta.dirname, "../render_kubernetes.py");
    const values = join(repository, "deploy/kubernetes/values.yaml");
    const policy = join(repository, "deploy/jupyterhub/named-people.py");
    const env = { ...process.env, KUBECONFIG: plane.kubeconfig };
    await run(join(bin, "python"), [script, chart, values, target, policy], { env, maxBuffer: outputLimit });
    const text = await readFile(join(target, "named-people.json"), "utf8");
    return (JSON.parse(text) as { servers: ServerObjects[] }).servers;
  } finally {
    await rm(target, { recursive: true });
  }
}

function helm(plane: ControlPlane, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const options = ["--kubeconfig", plane.kubeconfig];
  // Helm keeps caches in the home.
  const env = { ...process.env, HOME: plane.folder };
  return run(join(plane.programs, "helm"), [...args, ...options], { cwd: repository, env, maxBuffer: outputLimit });
}

/** The chart as it is published. Its folder here has two of its files where other tests run them. */
async function chartFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waiide-chart-"));
  for (const name of ["Chart.yaml", "values.yaml", "templates"]) {
    await cp(join(chart, name), join(folder, name), { recursive: true });
  }
  await mkdir(join(folder, "files/hub"), { recursive: true });
  for (const name of ["jupyterhub_config.py", "z2jh.py"]) await cp(join(chart, name), join(folder, "files/hub", name));
  return folder;
}
