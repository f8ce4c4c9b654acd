import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { whyNoContainers } from "../../../../../scripts/environments/containers.ts";

const programs = ["podman", "crun", "netavark", "aardvark-dns", "debootstrap"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-path-"));
  for (const name of ["bin", "helpers"]) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A machine that has these programs, podman's helpers in a folder of their own. */
function machineWith(names: readonly string[]) {
  for (const name of names) {
    writeFileSync(join(folder, /netavark|aardvark/.test(name) ? "helpers" : "bin", name), "");
  }
  return { platform: "linux", user: 0, folders: [join(folder, "bin"), join(folder, "helpers")] } as const;
}

describe("why the tests of the image cannot run", () => {
  it("they can as root on Linux with every program", () => {
    expect(whyNoContainers(machineWith(programs))).toBeUndefined();
  });

  it.each(programs)("without %s it is named, and how Debian installs it", (missing) => {
    const reason = whyNoContainers(machineWith(programs.filter((name) => name !== missing)));
    expect(reason).toBe(`not installed: ${missing} (on Debian: apt-get install ${missing})`);
  });

  it("all that is missing is named at once", () => {
    expect(whyNoContainers(machineWith(["podman", "crun"]))).toMatch(
      "apt-get install netavark aardvark-dns debootstrap",
    );
  });

  it("another system and another user are named", () => {
    const machine = machineWith(programs);
    expect(whyNoContainers({ ...machine, platform: "darwin" })).toBe("containers need Linux");
    expect(whyNoContainers({ ...machine, user: 1000 })).toMatch("needs root");
    expect(whyNoContainers({ ...machine, user: undefined })).toMatch("needs root");
  });
});
