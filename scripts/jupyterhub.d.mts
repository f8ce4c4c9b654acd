export const defaultVersion: string;
export const versions: Readonly<Record<string, readonly string[]>>;
export function installJupyterHub(
  version?: string,
  tell?: (text: string) => void,
): Promise<{ bin: string; proxy: string }>;
export function installSingleUser(tell?: (text: string) => void): Promise<string>;
