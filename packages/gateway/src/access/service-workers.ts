import type { Route } from "./routes.ts";

/** VS Code's webviews load their resources through this worker; its scope is its own folder. */
const webviewWorker =
  /^\/[a-z]+-[0-9a-f]+\/static\/out\/vs\/workbench\/contrib\/webview\/browser\/pre\/service-worker\.js$/;

/**
 * RULES R18: a service worker outlives the page that registered it and answers for everything in its scope.
 * Ports get none, since another program may use the port later; a configured app has its own path, and a shared one
 * can have its own host.
 */
export function mayBeServiceWorker(route: Route): boolean {
  if (route.kind === "app" || route.kind === "app-host") return true;
  if (route.kind === "webview") return route.path.endsWith("/service-worker.js");
  const isIde = route.kind === "ide" || (route.kind === "share" && route.part === "ide");
  return isIde && webviewWorker.test(route.path);
}
