import { describe, expect, it } from "vitest";
import { LinkError, readLink } from "../../../src/git-pull/link.ts";

const repo = "https://github.com/data-8/materials-fa17.git";
const read = (fields: Readonly<Record<string, string>>) => readLink(new URLSearchParams({ repo, ...fields }));

describe("links of nbgitpuller", () => {
  it("name a repository, a branch, a folder, and what opens", () => {
    expect(read({})).toEqual({ repository: repo, branch: undefined, folder: "materials-fa17", opens: "" });
    const link = read({ branch: "gh-pages", targetPath: "courses/stat", urlpath: "lab/tree/courses/stat/a%20b.ipynb" });
    expect(link).toMatchObject({ branch: "gh-pages", folder: "courses/stat" });
    expect(link.opens).toBe("lab/tree/courses/stat/a%20b.ipynb");
    expect(read({ subPath: "lab01.ipynb", app: "lab" }).opens).toBe("tree/materials-fa17/lab01.ipynb");
  });

  it.each([
    "https://host.example/a",
    "ssh://git@host.example:22/a",
    "git@host.example:team/a.git",
    "git://h/a",
    "file:///srv/a",
  ])("R33: %s may be an address", (address) => {
    expect(read({ repo: address }).folder).toBe("a");
  });

  it.each([
    "",
    "--upload-pack=touch /tmp/x",
    "-a:b",
    "ext::sh -c touch% /tmp/x",
    "http://host.example/a",
    "ftp://host.example/a",
    "fd::17",
    "ssh://-oProxyCommand=x/a",
    "ssh://-x@host/a",
    "-oProxyCommand=x:a",
    "user@-x:a",
    "file://other.example/a",
    "/srv/a",
    "https://host.example/",
    "https://host.example/a\n--b",
  ])("R33: %j is refused as an address", (address) => {
    expect(() => read({ repo: address })).toThrow(LinkError);
  });

  it.each([
    "-b",
    "--orphan",
    "a..b",
    "a@{1}",
    "a b",
    "a~1",
    "a:b",
    "a.lock",
    "/a",
    "a/",
    ".a",
    "a\\b",
    "a\u0000",
    "^a",
  ])("R33: %j is refused as a branch", (branch) => {
    expect(() => read({ branch })).toThrow(LinkError);
  });

  it.each(["/etc", "../x", "a/../../x", ".ssh", "a/.git", ".", "-x", "~", "a\\..\\b", "a\u0000b", "a/-b"])(
    "R33: %j is refused as a folder",
    (targetPath) => {
      expect(() => read({ targetPath })).toThrow(LinkError);
    },
  );

  it("R33: a repository whose name begins with a dot needs another folder", () => {
    expect(() => read({ repo: "https://host.example/.vscode" })).toThrow(LinkError);
    expect(read({ repo: "https://host.example/.vscode", targetPath: "settings" }).folder).toBe("settings");
  });

  it.each([
    "https://evil.example/",
    "javascript:alert(1)",
    "lab/../../x",
    "a/%2e%2e/b",
    "\\\\evil.example",
    "a\u0000",
    "%",
  ])("R33: %j is refused as what opens", (urlpath) => {
    expect(() => read({ urlpath })).toThrow(LinkError);
  });

  it("R33: what opens stays below the server, whatever slashes it begins with", () => {
    expect(read({ urlpath: "//evil.example/x" }).opens).toBe("evil.example/x");
  });
});
