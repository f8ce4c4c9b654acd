import { describe, expect, test } from "vitest";
import { galleryOf } from "../../../../src/ide/extensions/gallery.ts";
import { rewriteWorkbenchPage, type WorkbenchPageOptions } from "../../../../src/ide/server/page.ts";
import { pageScriptElement } from "../../../../src/ide/server/page-script.ts";
import { configurationDefaults } from "../../../../src/ide/server/settings.ts";

const shipped = {
  remoteAuthority: "remote",
  serverBasePath: ".",
  enableWorkspaceTrust: true,
  productConfiguration: {
    nameLong: "It's “<code>” & more",
    updateEndpoint: "./update/check",
    serviceWorker: { scope: "./", path: "./_static/out/browser/serviceWorker.js" },
    enableTelemetry: true,
    telemetryEndpoint: "https://telemetry.example",
    voiceWsUrl: "wss://voice.example",
    proxyEndpointTemplate: "./proxy/{{port}}/",
    extensionsGallery: { serviceUrl: "https://shipped.example" },
  },
};

function pageWith(settings: unknown): string {
  const attribute = JSON.stringify(settings)
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;")
    .replaceAll("<", "&lt;");
  return `<head><meta id="vscode-workbench-web-configuration" data-settings="${attribute}"><script nonce="n">a$&b</script></head>`;
}

const options: WorkbenchPageOptions = {
  workspace: "/home/ada/work",
  query: "",
  host: "localhost:8070",
  proxyTemplate: "../proxy/{{port}}/",
  extensionGallery: galleryOf("https://open-vsx.org/vscode"),
  telemetry: false,
  workspaceTrust: false,
  configurationDefaults: {},
  workerExtensions: ["/waiide-keeper/one"],
  scheme: "http",
  script: '<script src="waiide-page.js"></script>',
  mount: "/user/ada/ide/",
  proof: "p".repeat(43),
};

function settingsOf(
  html: string | undefined,
): Record<string, never> & { productConfiguration: Record<string, unknown> } {
  const attribute = /data-settings="([^"]*)"/.exec(html ?? "")?.[1] ?? "";
  return JSON.parse(
    attribute.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"),
  );
}

const rewritten = (changes: Partial<WorkbenchPageOptions> = {}) =>
  settingsOf(rewriteWorkbenchPage(pageWith(shipped), { ...options, ...changes }));

describe("the owner's page", () => {
  test("opens the workspace, under the authority of the browser's host", () => {
    expect(rewritten().folderUri).toEqual({
      $mid: 1,
      scheme: "vscode-remote",
      authority: "localhost:8070",
      path: "/home/ada/work",
    });
  });

  test("loads our extension for the page's web worker from its own origin", () => {
    const own = { scheme: "http", authority: "localhost:8070", path: "/waiide-keeper/one" };
    expect(rewritten().additionalBuiltinExtensions).toEqual([own]);
    const html = rewriteWorkbenchPage(pageWith({ ...shipped, additionalBuiltinExtensions: ["a.b"] }), options);
    expect(settingsOf(html).additionalBuiltinExtensions).toEqual(["a.b", own]);
    expect(rewritten({ workerExtensions: [] }).additionalBuiltinExtensions).toEqual([]);
  });

  test.each(["?folder=/x", "?a=b&workspace=/x.code-workspace", "?ew=true"])("leaves what %s names alone", (query) => {
    expect(rewritten({ query })).not.toHaveProperty("folderUri");
  });

  test("opens what was open last in place of the workspace", () => {
    const uri = { $mid: 1, scheme: "vscode-remote", authority: "localhost:8070" };
    const folder = rewritten({ lastOpened: { kind: "folder", path: "/x" } });
    expect(folder.folderUri).toEqual({ ...uri, path: "/x" });
    const file = rewritten({ lastOpened: { kind: "workspace", path: "/x.code-workspace" } });
    expect(file.workspaceUri).toEqual({ ...uri, path: "/x.code-workspace" });
    expect(file).not.toHaveProperty("folderUri");
  });

  test("has the administrator's name", () => {
    expect(rewritten({ appName: "Lab" }).productConfiguration).toMatchObject({ nameShort: "Lab", nameLong: "Lab" });
  });

  test("opens a file on request, but only in the workspace", () => {
    const uri = { $mid: 1, scheme: "vscode-remote", authority: "localhost:8070", path: "/home/ada/work/a b.md" };
    const layout = { force: true, editors: [{ uri, openOnlyIfExists: true, options: { pinned: true } }] };
    expect(rewritten({ opens: uri.path }).defaultLayout).toEqual(layout);
    expect(rewritten({ opens: uri.path, query: "?folder=/x" })).not.toHaveProperty("defaultLayout");
    expect(rewritten()).not.toHaveProperty("defaultLayout");
  });

  test("R18: our script loads at once, and starts the workbench with a webview origin", () => {
    const page = `${pageWith(shipped)}<script type="module" src="./static/out/vs/code/browser/workbench/workbench.js"></script>`;
    const webviews = { script: "/ide/waiide-webviews.js", data: { endpoints: ['https://a"b<c'] } };
    const html = rewriteWorkbenchPage(page, { ...options, webviews }) ?? "";
    expect(html).toContain('<link rel="modulepreload" href="./static/out/vs/code/browser/workbench/workbench.js">');
    expect(html).toContain(
      '<script src="/ide/waiide-webviews.js" data-workbench="./static/out/vs/code/browser/workbench/workbench.js" data-webviews="{&quot;endpoints&quot;:[&quot;https://a\\&quot;b&lt;c&quot;]}"></script>',
    );
    expect(html).not.toContain('type="module"');
    expect(rewriteWorkbenchPage(page, options)).toContain('<script type="module" src=');
  });

  test("asks no update service, voice service or service worker, and sends no telemetry", () => {
    const product = rewritten().productConfiguration;
    for (const name of ["updateEndpoint", "voiceWsUrl", "serviceWorker", "telemetryEndpoint"]) {
      expect(product).not.toHaveProperty(name);
    }
    expect(product.enableTelemetry).toBe(false);
    expect(product.proxyEndpointTemplate).toBe("../proxy/{{port}}/");
  });

  test("telemetry and trust can be turned on", () => {
    const settings = rewritten({ telemetry: true, workspaceTrust: true });
    expect(settings.productConfiguration).toMatchObject({
      enableTelemetry: true,
      telemetryEndpoint: "https://telemetry.example",
    });
    expect(settings.enableWorkspaceTrust).toBe(true);
  });

  test("the gallery is the setting's, or none", () => {
    expect(rewritten().productConfiguration.extensionsGallery).toMatchObject({
      serviceUrl: "https://open-vsx.org/vscode/gallery",
    });
    expect(rewritten({ extensionGallery: galleryOf(undefined) }).productConfiguration.extensionsGallery).toEqual({});
  });

  test("everything else is as it was, quotes, entities and dollar signs included", () => {
    const html = rewriteWorkbenchPage(pageWith(shipped), options);
    expect(html).toContain('<script nonce="n">a$&b</script>');
    expect(settingsOf(html).productConfiguration.nameLong).toBe(shipped.productConfiguration.nameLong);
  });

  test("R5: its WebSocket and the machine's resources carry the page's proof in their path", () => {
    const proof = "p".repeat(43);
    expect(rewritten().serverBasePath).toBe(`./~page-${proof}`);
    const absolute = rewriteWorkbenchPage(pageWith({ ...shipped, serverBasePath: undefined }), options);
    expect(settingsOf(absolute).serverBasePath).toBe(`/user/ada/ide/~page-${proof}`);
  });

  test("a workspace with special characters stays one attribute", () => {
    const workspace = `/home/"><script>alert(1)</script>/$&/'`;
    const html = rewriteWorkbenchPage(pageWith(shipped), { ...options, workspace });
    expect(html).not.toContain("<script>alert");
    expect(settingsOf(html).folderUri).toMatchObject({ path: workspace });
  });

  test.each(["<html>other</html>", pageWith([1]), pageWith(shipped).replace("&quot;", "%")])(
    "a page of another kind is not touched",
    (html) => {
      expect(rewriteWorkbenchPage(html, options)).toBeUndefined();
    },
  );
});

describe("defaults of the IDE's settings", () => {
  const given = { telemetry: false, aiFeatures: false, defaultSettings: {} };

  test("no tour, no chat, no telemetry, no update check", () => {
    expect(configurationDefaults(given)).toMatchObject({
      "workbench.startupEditor": "none",
      "chat.disableAIFeatures": true,
      "telemetry.telemetryLevel": "off",
      "extensions.autoCheckUpdates": false,
    });
  });

  test("Restricted Mode asks nothing and shows its banner, whatever defaults there are", () => {
    const defaultSettings = { "security.workspace.trust.enabled": false };
    expect(configurationDefaults({ ...given, defaultSettings, restricted: "guests" as const })).toMatchObject({
      "security.workspace.trust.enabled": true,
      "security.workspace.trust.startupPrompt": "never",
      "security.workspace.trust.banner": "always",
    });
  });

  test("only the page turns trust off, because browsers would keep a default", () => {
    expect(configurationDefaults(given)).not.toHaveProperty(["security.workspace.trust.enabled"]);
    expect(rewritten()).toMatchObject({ enableWorkspaceTrust: false });
  });

  test("without automatic updates VS Code would ask the gallery for built-ins", () => {
    expect(configurationDefaults(given)).not.toHaveProperty("extensions.autoUpdate");
  });

  test("each can be turned on", () => {
    const settings = configurationDefaults({ ...given, telemetry: true, aiFeatures: true });
    for (const name of ["chat.disableAIFeatures", "telemetry.telemetryLevel"]) {
      expect(settings).not.toHaveProperty([name]);
    }
  });

  test("the administrator's and user's defaults win over ours", () => {
    const defaultSettings = { "workbench.startupEditor": "readme", "editor.fontSize": 20 };
    expect(configurationDefaults({ ...given, defaultSettings })).toMatchObject(defaultSettings);
  });
});

test("a script of ours comes before everything else of the page", () => {
  const settings = {
    page: "p",
    proof: "s",
    run: "r",
    hub: { home: '/"><script>', start: "/$&/" },
    share: null,
    sign_out: null,
  };
  const script = pageScriptElement('/a"&b/x.js', settings);
  const page = rewriteWorkbenchPage(pageWith(shipped), { ...options, script }) ?? "";
  expect(page).toMatch(/^<head><script src="\/a&quot;&amp;b\/x\.js" data-settings="([^"<>]*)"><\/script><meta /);
  const said = /data-settings="([^"]*)"/.exec(page)?.[1] ?? "";
  const plain = said.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  expect(JSON.parse(plain)).toEqual(settings);
});
