export function whyNoContainers(): string | undefined;
export function startEngine(): Promise<Engine>;
export class Engine {
  readonly environment: NodeJS.ProcessEnv;
  constructor(folder: string);
  start(): Promise<void>;
  close(): Promise<void>;
  podman(...args: readonly string[]): Promise<string>;
  logs(container: string): Promise<string>;
  build(repository: string, tag: string, contexts?: Readonly<Record<string, string>>): Promise<void>;
}
export function installDockerHub(tell?: (text: string) => void): Promise<string>;
