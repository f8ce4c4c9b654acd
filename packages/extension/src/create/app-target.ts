import type { Services } from "@waiide/protocol";

/** The app that the owner wants to share. */
export type AppTarget =
  | { readonly port: number; readonly title: string }
  | { readonly name: string; readonly title: string };

/** @returns undefined for what is no port */
export function parsePort(text: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/**
 * The port of a row of the Ports view, as VS Code passes it to a command of its menu. All else in it is text of programs
 * (RULES R17).
 */
export function portOfRow(row: unknown): number | undefined {
  const { remotePort } = Object(row) as { readonly remotePort?: unknown };
  return typeof remotePort === "number" ? parsePort(String(remotePort)) : undefined;
}

/** The apps of the configuration; the IDE is a service too. */
export function configuredApps({ services }: Services): (AppTarget & { readonly name: string })[] {
  return services.filter(({ url, name }) => url.endsWith(`/apps/${name}/`)).map(({ name, title }) => ({ name, title }));
}
