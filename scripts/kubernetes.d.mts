export function installKubernetesTools(tell?: (text: string) => void): Promise<string>;
