export function installSchemathesis(tell?: (text: string) => void): Promise<string>;
