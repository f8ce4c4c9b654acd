// What renders and checks Kubernetes objects without a cluster, in a virtual environment that is made once. Runs under Node 20, too.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "./library/python-environment.mjs";

/** As the chart's hub has them, but for corrections of the hub's. pycurl is what its configuration wants of tornado. */
const packages = [
  "jupyterhub==5.5.4",
  "jupyterhub-kubespawner==7.1.0",
  "pycurl==7.47.0",
  "jsonschema==4.26.0",
  "kubernetes-validate==1.37.0",
];

/**
 * Makes the environment if it is missing or was left half-finished.
 * @param {(text: string) => void} tell gets a line before each long step
 * @returns {Promise<string>} the environment's `bin` folder
 */
export function installKubernetesTools(tell = () => undefined) {
  return pythonEnvironment({
    name: "kubernetes",
    title: "KubeSpawner and what checks its Pods",
    packages,
    oldest: [3, 10],
    tell,
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await installKubernetesTools((text) => process.stderr.write(`${text}\n`))}\n`);
}
