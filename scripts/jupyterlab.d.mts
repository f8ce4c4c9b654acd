export function installJupyterLab(tell?: (text: string) => void): Promise<string>;
