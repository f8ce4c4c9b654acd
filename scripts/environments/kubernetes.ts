// Kubernetes' own programs for the tests, built from their Go modules: no registry of images and no download site takes part.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, onceInstalled, type Tell } from "./once.ts";

const run = promisify(execFile);

/** The modules, and the versions of them that are built. */
const modules = { "k8s.io/kubernetes": "v1.36.3", "helm.sh/helm/v3": "v3.21.4" } as const;

/** What Kubernetes is made of stands in its repository, and is published as modules with this version. */
const partsVersion = modules["k8s.io/kubernetes"].replace(/^v1/, "v0");

/** Each with its package. */
const programs = {
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
  helm: "helm.sh/helm/v3/cmd/helm",
} as const;

/** What a cluster needs besides containers. */
const needed = [
  { name: "go", package: "golang-go, or a newer one from go.dev" },
  { name: "etcd", package: "etcd-server" },
  { name: "openssl", package: "openssl" },
] as const;

/** Says why no cluster can run here; undefined if it can. Containers are another matter. */
export function whyNoCluster(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const missing = needed.filter(({ name }) => !folders.some((folder) => existsSync(join(folder, name))));
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(", ");
  return `not installed: ${names} (on Debian: ${missing.map((program) => program.package).join(", ")})`;
}

/**
 * Builds the programs if the cache does not have them: half an hour of one processor, 2 GB of the disk.
 * @returns the folder that has them
 */
export async function kubernetesPrograms(tell: Tell = () => undefined): Promise<string> {
  const folder = join(cacheFolder(), `kubernetes-${modules["k8s.io/kubernetes"].slice(1)}`);
  const contents = Object.entries(modules).map(([name, version]) => `${name}@${version}`);
  await onceInstalled(folder, contents, async () => {
    tell(`Building Kubernetes ${modules["k8s.io/kubernetes"]} in ${folder}: this takes half an hour, once …`);
    const source = join(folder, "source");
    await mkdir(source, { recursive: true });
    await writeModule(source);
    for (const [name, path] of Object.entries(programs)) {
      tell(`Building ${name} …`);
      const part = join(folder, `${name}.part`);
      await build(source, ["build", "-p", "2", "-trimpath", "-ldflags", linked, "-o", part, path]);
      await rename(part, join(folder, name));
    }
  });
  return folder;
}

/** Without symbols, and with the version, which charts ask for and only Kubernetes' own build sets. */
const linked = ["-s", "-w", ...versionOf(modules["k8s.io/kubernetes"])].join(" ");

function versionOf(version: string): string[] {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const parts = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor });
  return parts.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
}

/** Builds next to other work, and with what Go itself compiles: no compiler for C takes part. */
const environment = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" };

async function build(folder: string, args: readonly string[]): Promise<void> {
  const child = spawn("nice", ["-n", "19", "go", ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`go ${args.join(" ")} ended with ${code}`);
}

/** A module that requires the programs. Kubernetes' own names its parts by their folders, which the published one does not have. */
async function writeModule(folder: string): Promise<void> {
  const go = (...args: readonly string[]) => run("go", args, { cwd: folder, env: environment, maxBuffer: 2 ** 26 });
  await go("mod", "init", "waiide-tests");
  const { stdout } = await go("mod", "download", "-json", `k8s.io/kubernetes@${modules["k8s.io/kubernetes"]}`);
  const own = await readFile((JSON.parse(stdout) as { GoMod: string }).GoMod, "utf8");
  const parts = [...own.matchAll(/^\s+(k8s\.io\/[\w-]+) v0\.0\.0$/gm)].map(([, name = ""]) => name);
  const required = Object.entries(modules).map(([name, version]) => `-require=${name}@${version}`);
  await go("mod", "edit", ...required, ...parts.map((name) => `-replace=${name}=${name}@${partsVersion}`));
  const imports = Object.values(programs).map((path) => `\t_ "${path}"\n`);
  await writeFile(join(folder, "tools.go"), `//go:build tools\n\npackage tools\n\nimport (\n${imports.join("")})\n`);
  await go("mod", "tidy");
}
