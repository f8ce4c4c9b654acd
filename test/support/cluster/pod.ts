import type { KubernetesObject } from "./api.ts";

/** What a node reads of a Pod. */
export interface Pod extends KubernetesObject {
  readonly metadata: KubernetesObject["metadata"] & {
    readonly uid: string;
    readonly namespace: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
  readonly spec: {
    readonly securityContext?: { readonly fsGroup?: number };
    readonly containers: readonly [Container, ...Container[]];
    readonly volumes?: readonly Volume[];
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly securityContext?: SecurityContext;
  readonly startupProbe?: { readonly httpGet?: { readonly path: string; readonly port: string | number } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly emptyDir?: object;
}

interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
}

/** Where a Pod's volumes are on this machine, by their names. */
export type Folders = ReadonlyMap<string, string>;

/** Podman's options for what a kubelet makes of a container's specification. Without cgroups nothing limits what it uses. */
export function podmanOptions(pod: Pod, folders: Folders): readonly string[] {
  const [container] = pod.spec.containers;
  const options = [...securityOptions(container.securityContext ?? {})];
  const { fsGroup } = pod.spec.securityContext ?? {};
  if (fsGroup !== undefined) options.push(`--group-add=${fsGroup}`);
  for (const { name, value = "" } of container.env ?? []) options.push(`--env=${name}=${value}`);
  for (const { name, mountPath, readOnly = false } of container.volumeMounts ?? []) {
    const folder = folders.get(name);
    if (folder === undefined) throw new Error(`the Pod ${pod.metadata.name} has no volume ${name}`);
    options.push(`--volume=${folder}:${mountPath}${readOnly ? ":ro" : ""}`);
  }
  return options;
}

function* securityOptions(context: SecurityContext): Generator<string> {
  const { runAsUser, runAsGroup, capabilities } = context;
  if (runAsUser !== undefined) yield `--user=${runAsUser}${runAsGroup === undefined ? "" : `:${runAsGroup}`}`;
  if (context.readOnlyRootFilesystem) {
    yield "--read-only";
    // Podman alone would make some folders writable.
    yield "--read-only-tmpfs=false";
  }
  if (context.allowPrivilegeEscalation === false) yield "--security-opt=no-new-privileges";
  for (const name of capabilities?.drop ?? []) yield `--cap-drop=${name}`;
  for (const name of capabilities?.add ?? []) yield `--cap-add=${name}`;
}

/** The address that tells when the container has started. */
export function startupAddress({ spec }: Pod, ip: string): string | undefined {
  const [container] = spec.containers;
  const probe = container.startupProbe?.httpGet;
  if (probe === undefined) return undefined;
  const port = container.ports?.find(({ name }) => name === probe.port)?.containerPort ?? probe.port;
  return `http://${ip}:${port}${probe.path}`;
}
