import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CopyRecord } from "../../../src/copies/records.ts";
import { showsCopy } from "../../../src/copies/shows-copy.ts";
import { placeOf } from "../../../src/ide/server/last-folder.ts";
import { configurationDefaults } from "../../../src/ide/server/settings.ts";

/** A home with a copy in `work/tides`, and other folders. */
function home() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "waiide-shows-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of ["work/tides/src", "work/tides-2", "other"]) mkdirSync(join(folder, path), { recursive: true });
  symlinkSync(join(folder, "work/tides"), join(folder, "link"));
  const records = { all: async () => [{ folder: join(folder, "work/tides") }] as CopyRecord[] };
  const opens = (path: string, kind: "folder" | "workspace" = "folder") =>
    showsCopy(records, { kind, path: join(folder, path) });
  return { folder, opens };
}

describe("R29: what opens in Restricted Mode", () => {
  it("a copy, a folder in it, every folder that holds it, and links to them", async () => {
    const { opens } = home();
    for (const path of ["work/tides", "work/tides/src", "work", "", "link", "link/src", "work/tides/gone"]) {
      expect([path, await opens(path)]).toEqual([path, true]);
    }
    for (const path of ["work/tides-2", "other", "gone"]) expect([path, await opens(path)]).toEqual([path, false]);
    expect(await showsCopy({ all: async () => [] }, { kind: "folder", path: "/" })).toBe(false);
  });

  it("a workspace file that names one, or that cannot be read", async () => {
    const { folder, opens } = home();
    const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
    file("other/a.code-workspace", '{"folders": [{"path": "../work/tides"}]}');
    file("other/b.code-workspace", '{"folders": [{"path": "."}]}');
    file("other/c.code-workspace", '{"folders": [{"path": "..\\u002fwork"}]}');
    file("other/d.code-workspace", '{"folders": [{"uri": "file:///x"}]}');
    file("work/tides/e.code-workspace", "{}");
    expect(await opens("other/a.code-workspace", "workspace")).toBe(true);
    expect(await opens("other/b.code-workspace", "workspace")).toBe(false);
    for (const name of ["other/c", "other/d", "work/tides/e", "other/gone"]) {
      expect([name, await opens(`${name}.code-workspace`, "workspace")]).toEqual([name, true]);
    }
  });

  it("by the page's address, else what was open last, else the workspace", () => {
    const [last, workspace] = [{ kind: "folder", path: "/last" } as const, { workspace: "/work" }];
    const place = (target: string, opened?: typeof last) => placeOf({ target }, opened, workspace)?.path;
    expect(place("/?folder=/a%20b", last)).toBe("/a b");
    expect(place("/?workspace=/a.code-workspace", last)).toBe("/a.code-workspace");
    expect(place("/?ew=true", last)).toBe(undefined);
    expect([place("/", last), place("/")]).toEqual(["/last", "/work"]);
  });

  it("there terminals work without trust, since settings of the folder do not count", () => {
    const options = { telemetry: false, aiFeatures: false, defaultSettings: {} };
    const terminals = "terminal.integrated.allowInUntrustedWorkspace";
    expect(configurationDefaults({ ...options, restricted: "copy" })).toMatchObject({
      "security.workspace.trust.enabled": true,
      "security.workspace.trust.startupPrompt": "never",
      [terminals]: true,
    });
    expect(configurationDefaults({ ...options, restricted: "guests" })).not.toHaveProperty([terminals]);
    expect(configurationDefaults(options)).not.toHaveProperty([terminals]);
  });
});
