import { readFileSync } from "node:fs";
import { afterAll, expect, vi } from "vitest";

// Unit tests share the modules that they load. A test file that mocks a module loads its own, and leaves none behind: otherwise
// whether a mock is used would depend on which files ran before it in the same worker.
const { testPath } = expect.getState();
if (testPath === undefined) throw new Error("Vitest did not say which file it runs");
if (/\bvi\.(do)?[mM]ock\(/.test(readFileSync(testPath, "utf8"))) {
  vi.resetModules();
  afterAll(() => void vi.resetModules());
}
