export function installWebFrameworks(tell?: (text: string) => void): Promise<string>;
