import Value from "typebox/value";
import { describe, expect, it } from "vitest";
import { settings } from "../../../src/config/settings/settings.ts";
import { isWebviewHost, parseWebviewOrigin } from "../../../src/webviews/webview-origin.ts";
import { Webviews } from "../../../src/webviews/webviews.ts";

const ide = { quality: "stable", commit: "0a1b" };
const hash = "1kquesblm3879eh70fdbemt4ab4ldvk4igdjg1u2sdtant26nsoe";

function choices(
  setting: string,
  host: string,
  { scheme = "http", port }: { scheme?: "http" | "https"; port?: number },
) {
  const webviews = new Webviews(setting, "/base/");
  webviews.port = port;
  return webviews.choicesFor({ host, scheme }, ide);
}

describe("R18: where webviews are loaded from", () => {
  it("on this machine: names below localhost, and a second port of the same host", () => {
    expect(choices("auto", "localhost:8070", { port: 9001 })).toEqual({
      endpoints: [
        "http://{{uuid}}.webview.localhost:8070/base/webviews/stable-0a1b/",
        "http://localhost:9001/base/webviews/stable-0a1b/",
      ],
      sources: ["http://*.webview.localhost:8070", "http://localhost:9001"],
      probed: true,
      fallsBack: true,
    });
    expect(choices("auto", "127.0.0.1:8070", { port: 9001 }).sources).toContain("http://127.0.0.1:9001");
  });

  it("over HTTPS: the second port, as certificates are for one name", () => {
    expect(choices("auto", "ide.example.org:8070", { scheme: "https", port: 9001 }).sources).toEqual([
      "https://ide.example.org:9001",
    ]);
  });

  it.each([
    ["a hub's host", "hub.example.org"],
    ["another machine without HTTPS", "ide.example.org:8070"],
    ["an IPv6 address, which no policy can name", "[::1]:8070"],
    ["what is no host", "a b"],
  ])("nowhere else by default: %s", (_what, host) => {
    expect(choices("auto", host, {})).toMatchObject({ endpoints: [], fallsBack: true });
  });

  it("at the configured origin, and never at the page's", () => {
    expect(choices("https://{{uuid}}.webviews.example.org", "hub.example.org", { scheme: "https" })).toEqual({
      endpoints: ["https://{{uuid}}.webviews.example.org/base/webviews/stable-0a1b/"],
      sources: ["https://*.webviews.example.org"],
      probed: true,
      fallsBack: false,
    });
    const fromKubeSpawner = choices("https://{uuid}.webviews.example.org", "hub.example.org", {});
    expect(fromKubeSpawner.sources).toEqual(["https://*.webviews.example.org"]);
    const elsewhere = choices("https://{{uuid}}.cdn.example.org/{{quality}}/{{commit}}", "hub.example.org", {});
    expect(elsewhere).toMatchObject({
      endpoints: ["https://{{uuid}}.cdn.example.org/stable/0a1b/"],
      probed: false,
      fallsBack: false,
    });
  });

  it("“same” keeps them on the page's origin, and reports it", () => {
    const webviews = new Webviews("same", "/");
    expect(webviews.choicesFor({ host: "localhost:8070", scheme: "http" }, ide).endpoints).toEqual([]);
    expect(webviews.state).toEqual({ separated: false, reason: "webview-origin is “same”" });
  });

  it("the page that was opened last says whether they are separated", () => {
    const webviews = new Webviews("auto", "/");
    expect(webviews.state).toEqual({ separated: null });
    webviews.report(true);
    expect(webviews.state).toEqual({ separated: true });
    webviews.report(false);
    expect(webviews.state).toEqual({ separated: false, reason: expect.stringContaining("webview-origin") });
  });
});

describe("R18: recognizes hosts that are only for webviews", () => {
  it.each([
    ["auto", `${hash}.webview.localhost:8070`, true],
    ["auto", "webview.localhost", true],
    ["auto", "A.WebView.LOCALHOST.:80", true],
    ["auto", "localhost:8070", false],
    ["auto", "webview.localhost.example.org", false],
    ["https://{{uuid}}.example.org", `${hash}.example.org`, true],
    ["https://{{uuid}}.example.org", `${hash.toUpperCase()}.EXAMPLE.org.`, true],
    ["https://{{uuid}}.example.org:8443", `${hash}.example.org`, true],
    // The hub itself may lie beside them.
    ["https://{{uuid}}.example.org", "hub.example.org", false],
    ["https://{{uuid}}.example.org", `${hash}.other.org`, false],
    ["https://ide.example.org:8443", "ide.example.org:8443", true],
    ["https://ide.example.org:8443", "ide.example.org", false],
  ])("%s: %s", (setting, host, expected) => {
    expect(isWebviewHost(host, parseWebviewOrigin(setting))).toBe(expected);
  });
});

it.each([
  ["auto", true],
  ["same", true],
  ["https://{{uuid}}.webviews.example.org", true],
  ["https://{{uuid}}.webviews.example.org:8443/vscode/{{commit}}/", true],
  ["https://{uuid}.webviews.example.org", true],
  ["https://ide.example.org:8443", true],
  ["webviews.example.org", false],
  ["https://webviews-{{uuid}}.example.org", false],
  ["https://a.{{uuid}}.example.org", false],
  ["https://{{uuid}}.example.org/?a", false],
  ["javascript://{{uuid}}.example.org", false],
])("the setting webview-origin takes or refuses %s", (text, isValid) => {
  expect(Value.Check(settings["webview-origin"].schema, text)).toBe(isValid);
});
