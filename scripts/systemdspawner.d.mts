export function installSystemdSpawner(tell?: (text: string) => void): Promise<string>;
