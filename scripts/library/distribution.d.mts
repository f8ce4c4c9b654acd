export function assemble(repository: string, folder: string): void;
