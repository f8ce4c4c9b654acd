import { describe, expect, it } from "vitest";
import { matchRoute, routeTable } from "../../../src/access/routes.ts";

const ide = (path: string, mount = "/ide/") => ({ kind: "ide", who: "owner", path, mount });
const port = (authority: string, path: string, stripped = true) => ({
  kind: "port",
  who: "owner",
  authority,
  path,
  stripped,
});
const redirect = (path: string) => ({ kind: "redirect", who: "owner", path });

describe("what a path means", () => {
  it.each([
    ["/", ide("/", "/")],
    ["/workspace/file.js", ide("/workspace/file.js", "/")],
    ["/ide", redirect("/ide/")],
    ["/ide/", ide("/")],
    ["/ide/file.js", ide("/file.js")],
    ["/ide/proxy/3000/a", redirect("/proxy/3000/a")],
    ["/ide/absproxy/3000/", redirect("/absproxy/3000/")],
    ["/idea", ide("/idea", "/")],
    ["/proxy/3000", redirect("/proxy/3000/")],
    ["/proxy/3000/", port("3000", "/")],
    ["/proxy/3000/@a/%2e%2e//b", port("3000", "/@a/%2e%2e//b")],
    ["/proxy/host:3000/x", port("host:3000", "/x")],
    ["/absproxy/3000/x", port("3000", "/x", false)],
    ["/proxy/8071/", ide("/", "/proxy/8071/")],
    ["/proxy/8081/file.js", ide("/file.js", "/proxy/8081/")],
    ["/absproxy/8081/file.js", ide("/file.js", "/absproxy/8081/")],
    ["/apps/lab", redirect("/apps/lab/")],
    ["/apps/lab/tree", { kind: "app", who: "owner", name: "lab", path: "/tree" }],
    ["/api", { kind: "api", who: "anyone" }],
    ["/api/health", { kind: "api", who: "anyone" }],
    ["/api/status", { kind: "api", who: "owner" }],
    ["/api/unknown", { kind: "api", who: "owner" }],
    ["/api/health/../status", { kind: "api", who: "owner" }],
    ["/api/HEALTH", { kind: "api", who: "owner" }],
    ["/apiary", ide("/apiary", "/")],
    ["/metrics", { kind: "api", who: "owner" }],
    ["/login", { kind: "api", who: "anyone" }],
    ["//api", ide("//api", "/")],
  ])("%s", (path, expected) => {
    expect(matchRoute(path, "/")).toEqual(expected);
  });

  it("leads the prefix itself to the default URL", () => {
    expect(matchRoute("/", "/ide")).toEqual({ kind: "redirect", who: "anyone", path: "/ide/" });
    expect(matchRoute("/", "/apps/lab/")).toEqual({ kind: "redirect", who: "anyone", path: "/apps/lab/" });
    expect(matchRoute("/file.js", "/ide")).toEqual(ide("/file.js", "/"));
  });
});

const share = (part: string, path: string, authority = "") => ({
  kind: "share",
  who: "guest",
  share: "abc",
  part,
  authority,
  path,
});

describe("R15: what a path below a share means, in every mode", () => {
  it.each([
    ["/share", { kind: "unknown", who: "anyone" }],
    ["/share/", { kind: "unknown", who: "anyone" }],
    ["/share/abc", { kind: "redirect", who: "anyone", path: "/share/abc/" }],
    ["/share/abc/", { kind: "api", who: "anyone", share: "abc" }],
    ["/share/abc/look", { kind: "api", who: "anyone", share: "abc" }],
    ["/share/abc/enter", { kind: "api", who: "anyone", share: "abc" }],
    ["/share/abc/login", { kind: "api", who: "anyone", share: "abc" }],
    ["/share/abc/leave", { kind: "api", who: "guest", share: "abc" }],
    ["/share/abc/enter/", { kind: "unknown", who: "anyone" }],
    ["/share/abc/api/session", share("session", "/api/session")],
    ["/share/abc/api/status", { kind: "unknown", who: "anyone" }],
    ["/share/abc/api/share/list", { kind: "unknown", who: "anyone" }],
    ["/share/abc/files/a/%2e%2e/b", share("files", "a/%2e%2e/b")],
    ["/share/abc/files", { kind: "unknown", who: "anyone" }],
    ["/share/abc/ide", { kind: "redirect", who: "anyone", path: "/share/abc/ide/" }],
    ["/share/abc/ide/out/x.js", share("ide", "/out/x.js")],
    ["/share/abc/proxy/3000", { kind: "redirect", who: "anyone", path: "/share/abc/proxy/3000/" }],
    ["/share/abc/proxy/3000/x", share("proxy", "/x", "3000")],
    ["/share/abc/absproxy/3000/x", share("absproxy", "/x", "3000")],
    ["/share/abc/apps/lab/", { kind: "unknown", who: "anyone" }],
    ["/share/abc/share/other/", { kind: "unknown", who: "anyone" }],
    ["/share/assets/0a1b/index.js", { kind: "share-asset", who: "anyone", path: "/0a1b/index.js" }],
  ])("%s", (path, expected) => {
    expect(matchRoute(path, "/")).toEqual(expected);
    expect(matchRoute(path, "/ide", "jupyterhub")).toEqual(expected);
  });
});

describe("what a path means behind a hub", () => {
  it.each([
    ["/", { kind: "redirect", who: "anyone", path: "/ide/" }],
    ["/ide/", ide("/")],
    ["/proxy/3000/", port("3000", "/")],
    ["/proxy/8081/", ide("/", "/proxy/8081/")],
    ["/api", { kind: "api", who: "anyone" }],
    ["/api/status", { kind: "api", who: "owner" }],
    ["/oauth_callback", { kind: "api", who: "anyone" }],
    ["/logout", { kind: "api", who: "anyone" }],
    ["/hub", { kind: "hub", who: "anyone", path: "" }],
    ["/hub/api/oauth2/authorize", { kind: "hub", who: "anyone", path: "/api/oauth2/authorize" }],
    ["/login", { kind: "unknown", who: "anyone" }],
    ["/lab/tree", { kind: "unknown", who: "anyone" }],
    ["/hubs", { kind: "unknown", who: "anyone" }],
    ["/stable-0/static/x.js", { kind: "unknown", who: "anyone" }],
  ])("%s", (path, expected) => {
    expect(matchRoute(path, "/ide", "jupyterhub")).toEqual(expected);
  });

  it("without a hub, the hub's paths are the IDE's", () => {
    for (const path of ["/hub/home", "/oauth_callback"]) expect(matchRoute(path, "/")).toEqual(ide(path, "/"));
  });
});

it("R1: every row says who may call it; behind the gate only the owner", () => {
  const open = routeTable.filter(({ who }) => who !== "owner").map(({ segment }) => segment);
  expect(open).toEqual(["login", "oauth_callback", "hub", "logout", "healthz", "share", "webviews"]);
  expect(new Set(routeTable.map(({ segment }) => segment)).size).toBe(routeTable.length);
});
