import { proofSegment } from "../../http/page-proof.ts";
import type { ExtensionGallery } from "../extensions/gallery.ts";
import type { OpenedPlace } from "./last-folder.ts";

export interface WorkbenchPageOptions {
  /** Absolute path of the folder that is opened where the address names none. */
  readonly workspace: string;
  /** What is opened in its place: what was open last. */
  readonly lastOpened?: OpenedPlace | undefined;
  /** The setting `app-name`. */
  readonly appName?: string | undefined;
  /** Absolute path of a file that is opened with it. */
  readonly opens?: string | undefined;
  /** The query of the page's address, with its `?`, or empty. */
  readonly query: string;
  /** The Host that the browser used. The workbench takes it for its remote authority, whatever the page says. */
  readonly host: string;
  /** Where the page finds local ports: relative to itself, e.g. `../proxy/{{port}}/`, or `https://{{port}}.example.org/`. */
  readonly proxyTemplate: string;
  readonly extensionGallery: ExtensionGallery;
  readonly telemetry: boolean;
  readonly workspaceTrust: boolean;
  readonly configurationDefaults: Readonly<Record<string, unknown>>;
  /** Paths of the folders of our extensions in the page's web worker. */
  readonly workerExtensions: readonly string[];
  /** The page's scheme, as the browser sees it. */
  readonly scheme: "http" | "https";
  /** Where webviews may be loaded from; undefined: from the page's own origin, and nothing is looked for. */
  readonly webviews?: PageWebviews | undefined;
  /** The element of our script, which runs before the page's own. */
  readonly script: string;
  /** Path at which the browser sees the IDE; begins and ends with `/`. */
  readonly mount: string;
  /** Shows that a request comes from this page (RULES R5). */
  readonly proof: string;
}

/** What the page's script for webviews gets, and where it lies. */
export interface PageWebviews {
  readonly script: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type Json = Record<string, unknown>;

const settingsElement = /(<meta\s+id="vscode-workbench-web-configuration"\s+data-settings=")([^"]*)(")/;

/**
 * The IDE's page made clean: only the settings that the page carries are changed. The IDE opens the workspace, and asks
 * nothing outside but the extension gallery.
 * @returns undefined if this page carries no such settings (another distribution)
 */
export function rewriteWorkbenchPage(html: string, options: WorkbenchPageOptions): string | undefined {
  const match = settingsElement.exec(html);
  const page = match?.[2] === undefined ? undefined : parseObject(unescapeAttribute(match[2]));
  if (!page) return undefined;
  const changed = escapeAttribute(JSON.stringify(pageSettings(page, options)));
  const clean = html.replace(
    settingsElement,
    (_whole, before: string, _old, after: string) => before + changed + after,
  );
  return withScript(withWebviews(clean, options.webviews), options.script);
}

/** Local ports for a page that lies this far below them. @param below `ide/`, or empty */
export function portTemplateBelow(below: string): string {
  const depth = below.split("/").length - 1;
  return `${depth === 0 ? "./" : "../".repeat(depth)}proxy/{{port}}/`;
}

/** Any page with our script before all others. @param script its element */
export function withScript(html: string, script: string): string {
  return html.replace(/<head\b[^>]*>/i, (head) => head + script);
}

const workbenchElement = /<script type="module" src="([^"]*\/workbench\.js)"><\/script>/;

/** The workbench is fetched at once, but started by our script, once that has written into the settings where webviews are. */
function withWebviews(html: string, webviews: PageWebviews | undefined): string {
  if (webviews === undefined) return html;
  const { script, data } = webviews;
  const text = escapeAttribute(JSON.stringify(data));
  return html.replace(workbenchElement, (_whole, workbench: string) => {
    const ours = `<script src="${escapeAttribute(script)}" data-workbench="${workbench}" data-webviews="${text}"></script>`;
    return `<link rel="modulepreload" href="${workbench}">${ours}`;
  });
}

function pageSettings(page: Json, options: WorkbenchPageOptions): Json {
  const settings: Json = {
    ...page,
    enableWorkspaceTrust: options.workspaceTrust,
    additionalBuiltinExtensions: [
      ...(Array.isArray(page.additionalBuiltinExtensions) ? page.additionalBuiltinExtensions : []),
      ...options.workerExtensions.map((path) => ({ scheme: options.scheme, authority: options.host, path })),
    ],
    configurationDefaults: { ...objectOf(page.configurationDefaults), ...options.configurationDefaults },
    productConfiguration: productSettings(objectOf(page.productConfiguration), options),
    serverBasePath: provenBasePath(page.serverBasePath, options),
  };
  if (!namesWorkspace(options.query)) {
    const { kind, path } = options.lastOpened ?? { kind: "folder", path: options.workspace };
    delete settings.workspaceUri;
    delete settings.folderUri;
    settings[`${kind}Uri`] = remoteUri(options.host, path);
    if (options.opens !== undefined) settings.defaultLayout = layoutWith(remoteUri(options.host, options.opens));
  }
  return settings;
}

/**
 * Below it the workbench finds its WebSocket and the resources of the machine, which it loads as pictures and fonts, too:
 * with the proof in the path all of them carry it. code-server's workbench takes a relative one as below the page.
 */
function provenBasePath(given: unknown, { mount, proof }: WorkbenchPageOptions): string {
  const isRelative = typeof given === "string" && !given.startsWith("/");
  return `${isRelative ? "./" : mount}${proofSegment(proof)}`;
}

function remoteUri(host: string, path: string): Json {
  return { $mid: 1, scheme: "vscode-remote", authority: host, path };
}

/**
 * Opens a file with the page (`IDefaultLayout` in VS Code's web.api.ts); `force`: also where this folder was open in this
 * browser before, in place of what was open then.
 */
function layoutWith(uri: Json): Json {
  return { force: true, editors: [{ uri, openOnlyIfExists: true, options: { pinned: true } }] };
}

function productSettings(product: Json, options: WorkbenchPageOptions): Json {
  const settings: Json = {
    ...product,
    enableTelemetry: options.telemetry,
    extensionsGallery: options.extensionGallery,
    proxyEndpointTemplate: options.proxyTemplate,
    ...(options.appName === undefined ? {} : { nameShort: options.appName, nameLong: options.appName }),
  };
  // A check for new versions of code-server, its service worker (for installing the page as an app) and a voice service.
  for (const name of ["updateEndpoint", "serviceWorker", "voiceWsUrl"]) delete settings[name];
  if (!options.telemetry) delete settings.telemetryEndpoint;
  return settings;
}

/** `folder`, `workspace` and `ew` (empty window) are what the workbench itself looks for. */
function namesWorkspace(query: string): boolean {
  const parameters = new URLSearchParams(query);
  return ["folder", "workspace", "ew"].some((name) => parameters.has(name));
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    // Not the settings that we know: the caller passes the page on as it is.
    return undefined;
  }
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'", amp: "&" };

function unescapeAttribute(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|#39|amp);/g, (whole, name: string) => entities[name] ?? whole);
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
